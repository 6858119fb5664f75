import {describe, expect, test} from '@jest/globals';
import {faultOf, testdir, type Tree} from '@keelson/test-kit';

import {
  readLimits,
  type HostFacts,
  type LimitOverrides,
  type Limits,
  type LimitsEvent,
} from '@keelson/resource-limits';

const G = 1024 ** 3;
const M = 1024 ** 2;
const HOST: HostFacts = {memoryBytes: 16 * G, cpus: 8, affinity: 8};

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max processes             63000                63000                processes
Max open files            4096                 524288               files
Max address space         unlimited            unlimited            bytes
`;
const UNLIMITED = LIMITS.replaceAll(/\b(63000|4096)\b/g, 'unlimited');
const HOST_FILES = {
  'proc/self/limits': LIMITS,
  'proc/sys/fs/nr_open': '1048576\n',
  'proc/sys/kernel/threads-max': '126000\n',
  'proc/sys/kernel/pid_max': '4194304\n',
};

const V2_MOUNT = '30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const v2 = (path: string, files: Tree, mount = V2_MOUNT): Tree => ({
  ...HOST_FILES,
  'proc/self/cgroup': `0::${path}\n`,
  'proc/self/mountinfo': `22 1 8:1 / / rw - ext4 /dev/root rw\n${mount}`,
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${name}`, text])),
});

const V1_MOUNTS = `32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
`;
const v1 = (path: string, files: Tree, mounts = V1_MOUNTS): Tree => ({
  ...HOST_FILES,
  'proc/self/cgroup': `8:pids:${path}\n4:memory:${path}\n3:cpuset:${path}\n2:cpu,cpuacct:${path}\n1:name=systemd:${path}\n`,
  'proc/self/mountinfo': mounts,
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${name}`, text])),
});

interface Case {
  readonly tree: Tree;
  readonly overrides?: LimitOverrides;
  readonly host?: HostFacts;
  readonly want: Partial<
    Record<'memory' | 'swap' | 'cpus' | 'files' | 'processes', readonly [number, string]>
  >;
}

const CASES: Record<string, Case> = {
  'nothing limits: half of the RAM, every CPU': {
    tree: HOST_FILES,
    want: {
      memory: [8 * G, 'host'],
      cpus: [8, 'host'],
      files: [4096, 'rlimit'],
      processes: [63_000, 'rlimit'],
    },
  },
  'no /proc at all': {
    tree: {},
    want: {memory: [8 * G, 'host'], cpus: [8, 'host'], files: [1024, 'host'], processes: [32_768, 'host']},
  },
  'unlimited rlimits: the ceilings of the kernel': {
    tree: {...HOST_FILES, 'proc/self/limits': UNLIMITED},
    want: {files: [1_048_576, 'host'], processes: [126_000, 'host']},
  },
  'fewer CPUs by affinity': {tree: HOST_FILES, host: {...HOST, affinity: 3}, want: {cpus: [3, 'affinity']}},
  'fewer CPUs by affinity, as /proc tells it': {
    tree: {...HOST_FILES, 'proc/self/status': 'Name:\tnode\nCpus_allowed:\t15\nCpus_allowed_list:\t0,2,4\n'},
    want: {cpus: [3, 'affinity']},
  },
  'affinity below a quota': {
    tree: {...v2('/app', {'app/cpu.max': '250000 100000\n'}), 'proc/self/status': 'Cpus_allowed_list:\t5\n'},
    want: {cpus: [1, 'affinity']},
  },
  'an address space below everything else': {
    tree: {
      ...v2('/app', {'app/memory.max': `${4 * G}\n`}),
      'proc/self/limits': LIMITS.replace('space         unlimited', `space         ${2 * G}`),
    },
    want: {memory: [2 * G, 'rlimit']},
  },
  'data size, where nothing else limits': {
    tree: {
      ...HOST_FILES,
      'proc/self/limits': `${LIMITS}Max data size             ${10 * G}   unlimited   bytes\n`,
    },
    want: {memory: [10 * G, 'rlimit']},
  },
  'swap of the host': {
    tree: {...HOST_FILES, 'proc/meminfo': 'MemTotal: 1 kB\nSwapTotal:       2048 kB\nSwapFree: 2048 kB\n'},
    want: {swap: [2 * M, 'host']},
  },
  'v2, swap': {
    tree: {
      ...v2('/a/b', {'a/memory.swap.max': '0\n', 'a/b/memory.swap.max': 'max\n'}),
      'proc/meminfo': 'SwapTotal: 99 kB\n',
    },
    want: {swap: [0, 'cgroup2']},
  },
  'v1, swap is what memory and swap together leave': {
    tree: {
      ...v1('/app', {
        'memory/app/memory.limit_in_bytes': `${100 * M}\n`,
        'memory/app/memory.memsw.limit_in_bytes': `${130 * M}\n`,
      }),
      'proc/meminfo': 'SwapTotal: 99999999 kB\n',
    },
    want: {memory: [100 * M, 'cgroup1'], swap: [30 * M, 'cgroup1']},
  },
  v2: {
    tree: v2('/app', {
      'app/memory.max': `${512 * M}\n`,
      'app/cpu.max': '150000 100000\n',
      'app/pids.max': '64\n',
    }),
    want: {memory: [512 * M, 'cgroup2'], cpus: [1.5, 'cgroup2'], processes: [64, 'cgroup2']},
  },
  'v2, half a CPU': {tree: v2('/app', {'app/cpu.max': '50000 100000\n'}), want: {cpus: [0.5, 'cgroup2']}},
  'v2, memory.high below memory.max': {
    tree: v2('/app', {'app/memory.max': `${512 * M}\n`, 'app/memory.high': `${400 * M}\n`}),
    want: {memory: [400 * M, 'cgroup2']},
  },
  'v2, max everywhere': {
    tree: v2('/app', {
      'app/memory.max': 'max\n',
      'app/memory.high': 'max\n',
      'app/cpu.max': 'max 100000\n',
      'app/cpuset.cpus.effective': '0-7\n',
      'app/pids.max': 'max\n',
    }),
    want: {memory: [8 * G, 'host'], cpus: [8, 'host'], processes: [63_000, 'rlimit']},
  },
  'v2, a parent allows less': {
    tree: v2('/a/b/c', {
      'a/memory.max': `${300 * M}\n`,
      'a/b/memory.max': `${500 * M}\n`,
      'a/b/c/memory.max': `${900 * M}\n`,
      'a/cpu.max': 'max 100000\n',
      'a/b/cpu.max': '200000 100000\n',
      'a/b/c/cpu.max': '400000 100000\n',
      'a/pids.max': '10\n',
      'a/b/c/pids.max': '1000\n',
    }),
    want: {memory: [300 * M, 'cgroup2'], cpus: [2, 'cgroup2'], processes: [10, 'cgroup2']},
  },
  'v2, own namespace: the cgroup is the root of the mount': {
    tree: v2('/', {'memory.max': `${256 * M}\n`, 'cpu.max': '10000 100000\n'}),
    want: {memory: [256 * M, 'cgroup2'], cpus: [0.1, 'cgroup2']},
  },
  'v2, only a part of the tree is mounted': {
    tree: v2(
      '/docker/abc/inner',
      {'inner/memory.max': 'max\n', 'memory.max': `${200 * M}\n`},
      '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n',
    ),
    want: {memory: [200 * M, 'cgroup2']},
  },
  'v2, the path is outside of what is mounted': {
    tree: v2('/../other', {'memory.max': `${200 * M}\n`, 'other/memory.max': '1\n'}),
    want: {memory: [200 * M, 'cgroup2']},
  },
  'v2, a cpuset': {
    tree: v2('/app', {'app/cpuset.cpus.effective': '0,2-4\n', 'app/cpu.max': 'max 100000\n'}),
    want: {cpus: [4, 'cgroup2']},
  },
  'v2, names with blanks and colons': {
    tree: v2(
      '/a b:c',
      {'x y/a b:c/memory.max': `${77 * M}\n`},
      '30 23 0:26 / /sys/fs/cgroup/x\\040y rw - cgroup2 cgroup2 rw\n',
    ),
    want: {memory: [77 * M, 'cgroup2']},
  },
  'v2, files missing, empty or garbled': {
    tree: v2('/app', {
      'app/memory.max': 'what\n',
      'app/memory.high': '',
      'app/cpu.max': '100000\n',
      'app/cpuset.cpus.effective': '3-1\n',
      'app/pids.max': '-5\n',
    }),
    want: {memory: [8 * G, 'host'], cpus: [8, 'host'], processes: [63_000, 'rlimit']},
  },
  'a limit above the RAM limits nothing': {
    tree: v2('/app', {'app/memory.max': `${64 * G}\n`}),
    want: {memory: [8 * G, 'host']},
  },
  v1: {
    tree: v1('/app', {
      'memory/app/memory.limit_in_bytes': `${512 * M}\n`,
      'cpu,cpuacct/app/cpu.cfs_quota_us': '50000\n',
      'cpu,cpuacct/app/cpu.cfs_period_us': '100000\n',
      'cpuset/app/cpuset.cpus': '0-3\n',
      'pids/app/pids.max': '99\n',
    }),
    want: {memory: [512 * M, 'cgroup1'], cpus: [0.5, 'cgroup1'], processes: [99, 'cgroup1']},
  },
  'v1 without limits': {
    tree: v1('/app', {
      'memory/app/memory.limit_in_bytes': '9223372036854771712\n',
      'cpu,cpuacct/app/cpu.cfs_quota_us': '-1\n',
      'cpu,cpuacct/app/cpu.cfs_period_us': '100000\n',
      'cpuset/app/cpuset.cpus': '\n',
      'pids/app/pids.max': 'max\n',
    }),
    want: {memory: [8 * G, 'host'], cpus: [8, 'host'], processes: [63_000, 'rlimit']},
  },
  'v1, a cpuset and a parent with less memory': {
    tree: v1('/a/b', {
      'memory/a/memory.limit_in_bytes': `${100 * M}\n`,
      'memory/a/b/memory.limit_in_bytes': `${200 * M}\n`,
      'cpuset/a/b/cpuset.cpus': '1,3-6,7\n',
    }),
    want: {memory: [100 * M, 'cgroup1'], cpus: [6, 'cgroup1']},
  },
  'v1 in a container without its own namespace': {
    tree: v1(
      '/docker/abc',
      {'memory/memory.limit_in_bytes': `${128 * M}\n`},
      V1_MOUNTS.replaceAll(' / /sys', ' /docker/abc /sys'),
    ),
    want: {memory: [128 * M, 'cgroup1']},
  },
  'v1, an ancestor that the container does not show allows less': {
    tree: v1(
      '/docker/abc',
      {
        'memory/memory.limit_in_bytes': `${500 * M}\n`,
        'memory/memory.stat': `cache 1\nhierarchical_memory_limit ${90 * M}\nhierarchical_memsw_limit 9\n`,
      },
      V1_MOUNTS.replaceAll(' / /sys', ' /docker/abc /sys'),
    ),
    want: {memory: [90 * M, 'cgroup1']},
  },
  'v2, mounted twice: the mount that shows most of the way up': {
    tree: {
      ...v2(
        '/docker/abc',
        {'memory.max': `${300 * M}\n`},
        '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n31 23 0:26 / /host rw - cgroup2 cgroup rw\n32 23 0:26 /other /elsewhere rw - cgroup2 cgroup rw\n',
      ),
      'host/docker/abc/memory.max': `${300 * M}\n`,
      'host/docker/memory.max': `${200 * M}\n`,
      'elsewhere/memory.max': '1\n',
    },
    want: {memory: [200 * M, 'cgroup2']},
  },
  'v2, a namespace whose mount came from outside: found by its processes': {
    tree: {
      ...v2(
        '/inner',
        {
          'cgroup.procs': '1\n',
          'a/cgroup.procs': '',
          'a/x/inner/cgroup.procs': '77\n4242\n',
          'a/x/inner/memory.max': `${120 * M}\n`,
          'a/y/inner/cgroup.procs': '9\n',
          'a/y/inner/memory.max': `${10 * M}\n`,
          'a/memory.max': `${110 * M}\n`,
        },
        '30 23 0:26 /../.. /sys/fs/cgroup rw - cgroup2 cgroup rw\n',
      ),
      'proc/self/stat': '4242 (node) R 1 1\n',
    },
    want: {memory: [110 * M, 'cgroup2']},
  },
  'v2, the cgroup is gone: what is left of the way up': {
    tree: v2('/a/b (deleted)', {'a/memory.max': `${50 * M}\n`}),
    want: {memory: [50 * M, 'cgroup2']},
  },
  'hybrid: memory in v1, the rest of the path in v2': {
    tree: {
      ...v1('/app', {
        'memory/app/memory.limit_in_bytes': `${512 * M}\n`,
        'unified/svc/cpu.max': '30000 100000\n',
      }),
      'proc/self/cgroup': '4:memory:/app\n1:name=systemd:/svc\n0::/svc\n',
      'proc/self/mountinfo': `${V1_MOUNTS}41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n`,
    },
    want: {memory: [512 * M, 'cgroup1'], cpus: [0.3, 'cgroup2']},
  },
  'options come before everything': {
    tree: v2('/app', {'app/memory.max': `${512 * M}\n`, 'app/cpu.max': '50000 100000\n'}),
    overrides: {memory: '1G', cpus: 2.5},
    want: {memory: [G, 'option'], cpus: [2.5, 'option']},
  },
  'memory option in bytes': {tree: {}, overrides: {memory: 1000}, want: {memory: [1000, 'option']}},
};

function pick(limits: Limits, name: keyof Case['want']): readonly [number, string] {
  const key = name === 'memory' ? 'memoryBytes' : name === 'swap' ? 'swapBytes' : name;
  return [limits[key], limits.source[name]];
}

describe('readLimits', () => {
  test.each(Object.entries(CASES))('%s', async (_, {tree, overrides, host = HOST, want}) => {
    await using machine = await testdir(tree);
    const limits = await readLimits(overrides, {root: machine.path, host});
    const names = Object.keys(want) as (keyof typeof want)[];
    expect(Object.fromEntries(names.map((name) => [name, pick(limits, name)]))).toEqual(want);
  });

  test('an unreadable file limits nothing, and is told', async () => {
    await using machine = await testdir(
      v2('/app', {'app/memory.max/': '', 'app/cpu.max': '100000 100000\n'}),
    );
    const events: LimitsEvent[] = [];
    const onEvent = (event: LimitsEvent) => events.push(event);
    const limits = await readLimits({}, {root: machine.path, host: HOST, onEvent});
    expect(events).toEqual([
      {type: 'limits:unreadable', path: '/sys/fs/cgroup/app/memory.max', because: 'EISDIR'},
    ]);
    expect(pick(limits, 'memory')).toEqual([8 * G, 'host']);
    expect(pick(limits, 'cpus')).toEqual([1, 'cgroup2']);
  });

  test('each number says which file it is from', async () => {
    await using machine = await testdir(
      v2('/a/b', {'a/memory.high': `${300 * M}\n`, 'a/b/cpu.max': '50000 100000\n', 'a/b/pids.max': '7\n'}),
    );
    expect((await readLimits({}, {root: machine.path, host: HOST})).reasons).toEqual({
      memory: '/sys/fs/cgroup/a/memory.high',
      swap: 'SwapTotal in /proc/meminfo',
      cpus: '/sys/fs/cgroup/a/b/cpu.max',
      files: 'Max open files in /proc/self/limits',
      processes: '/sys/fs/cgroup/a/b/pids.max',
    });
    const nothing = await readLimits({cpus: 1}, {root: machine.at('nowhere'), host: HOST});
    expect(nothing.reasons).toMatchObject({
      memory: 'half of the RAM of 16G, which nothing limits',
      cpus: 'asked for',
    });
  });

  test('of another process', async () => {
    await using machine = await testdir({
      ...v2('/app', {'app/memory.max': '1\n', 'other/memory.max': `${60 * M}\n`}),
      'proc/12/cgroup': '0::/other\n',
      'proc/12/mountinfo': V2_MOUNT,
    });
    const limits = await readLimits({}, {root: machine.path, host: HOST, pid: 12});
    expect(pick(limits, 'memory')).toEqual([60 * M, 'cgroup2']);
  });

  describe('pressure', () => {
    const PSI =
      'some avg10=1.50 avg60=0.20 avg300=0.00 total=1234\nfull avg10=0.10 avg60=0.00 avg300=0.00 total=12\n';
    const memory = {
      some: {avg10: 1.5, avg60: 0.2, avg300: 0, totalMicroseconds: 1234},
      full: {avg10: 0.1, avg60: 0, avg300: 0, totalMicroseconds: 12},
    };

    test.each<[string, Tree, unknown]>([
      ['of the own cgroup', v2('/app', {'app/memory.pressure': PSI}), {memory, source: 'cgroup2'}],
      [
        'of the machine',
        {...HOST_FILES, 'proc/pressure/memory': PSI, 'proc/pressure/io': 'what\n'},
        {memory, source: 'host'},
      ],
      ['nowhere', HOST_FILES, undefined],
    ])('%s', async (_, tree, want) => {
      await using machine = await testdir(tree);
      expect((await readLimits({}, {root: machine.path, host: HOST})).pressure).toEqual(want);
    });
  });

  test('of this machine, whatever it is', async () => {
    const limits = await readLimits();
    expect(limits.kind).toBe('limits');
    for (const value of [limits.memoryBytes, limits.cpus, limits.files, limits.processes]) {
      expect(value).toBeGreaterThan(0);
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  test.each([
    [{memory: '12'}, 'LIMITS_SIZE'],
    [{memory: 0}, 'LIMITS_OPTION'],
    [{memory: 1.5}, 'LIMITS_OPTION'],
    [{cpus: 0}, 'LIMITS_OPTION'],
    [{cpus: Number.NaN}, 'LIMITS_OPTION'],
  ])('%j is refused with %s', async (overrides, code) => {
    expect(await faultOf(readLimits(overrides))).toMatchObject({code});
  });

  test('rejects with the reason of its signal', async () => {
    const reason = new Error('enough');
    await expect(readLimits({}, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
  });
});
