import {describe, expect, test} from '@jest/globals';
import {testdir, type Tree} from '@keelson/test-kit';

import {limitMetrics, type HostFacts} from '@keelson/resource-limits';

const M = 1024 ** 2;
const HOST: HostFacts = {memoryBytes: 16 * 1024 ** 3, cpus: 8, affinity: 8};

const below = (folder: string, files: Readonly<Record<string, string>>): Tree =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

const V2: Tree = {
  'proc/self/cgroup': '0::/app/inner\n',
  'proc/self/mountinfo': '30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  'proc/self/limits': 'Max open files            1024                 4096                 files\n',
  'proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable: 400 kB\nSwapTotal: 100 kB\nSwapFree: 60 kB\n',
  'proc/loadavg': '0.1 0.2 0.3 1/345 999\n',
  ...below('proc/self/fd', {0: '', 1: '', 2: '', 17: ''}),
  ...below('sys/fs/cgroup/app', {
    'memory.max': `${512 * M}\n`,
    'memory.current': `${100 * M}\n`,
    'pids.max': '64\n',
    'pids.current': '12\n',
    'cpu.max': '50000 100000\n',
    'cpu.stat': 'usage_usec 2500000\nuser_usec 1\nnr_periods 40\nnr_throttled 10\nthrottled_usec 750000\n',
  }),
  ...below('sys/fs/cgroup/app/inner', {
    'memory.current': `${1 * M}\n`,
    'memory.swap.max': '4096\n',
    'memory.swap.current': '1024\n',
    'memory.pressure': 'some avg10=3.00 avg60=0.00 avg300=0.00 total=5\n',
  }),
};

describe('limitMetrics', () => {
  test('v2: each use is counted by the cgroup that limits it', async () => {
    await using machine = await testdir(V2);
    expect(await limitMetrics({}, {root: machine.path, host: HOST})).toEqual({
      kind: 'limit-metrics',
      memory: {
        used: 100 * M,
        limit: 512 * M,
        source: 'cgroup2',
        countedBy: '/sys/fs/cgroup/app/memory.current',
      },
      swap: {
        used: 1024,
        limit: 4096,
        source: 'cgroup2',
        countedBy: '/sys/fs/cgroup/app/inner/memory.swap.current',
      },
      files: {used: 3, limit: 1024, source: 'rlimit', countedBy: '/proc/self/fd'},
      processes: {used: 12, limit: 64, source: 'cgroup2', countedBy: '/sys/fs/cgroup/app/pids.current'},
      cpu: {
        limit: 0.5,
        source: 'cgroup2',
        usedSeconds: 2.5,
        throttling: {periods: 40, throttledPeriods: 10, throttledSeconds: 0.75},
      },
      pressure: {
        memory: {some: {avg10: 3, avg60: 0, avg300: 0, totalMicroseconds: 5}},
        source: 'cgroup2',
      },
    });
  });

  test('v1: nanoseconds, and memory and swap counted together', async () => {
    await using machine = await testdir({
      'proc/self/cgroup': '4:memory:/a\n3:cpuacct:/a\n2:cpu:/a\n',
      'proc/self/mountinfo': ['memory', 'cpu', 'cpuacct']
        .map((name, at) => `${at} 1 0:${at} / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}\n`)
        .join(''),
      'proc/meminfo': 'SwapTotal: 999999999 kB\n',
      ...below('sys/fs/cgroup/memory/a', {
        'memory.limit_in_bytes': `${64 * M}`,
        'memory.usage_in_bytes': `${32 * M}`,
        'memory.memsw.limit_in_bytes': `${96 * M}`,
        'memory.memsw.usage_in_bytes': `${40 * M}`,
      }),
      ...below('sys/fs/cgroup/cpu/a', {
        'cpu.cfs_quota_us': '200000',
        'cpu.cfs_period_us': '100000',
        'cpu.stat': 'nr_periods 5\nnr_throttled 1\nthrottled_time 1500000000\n',
      }),
      'sys/fs/cgroup/cpuacct/a/cpuacct.usage': '7000000000\n',
    });
    expect(await limitMetrics({}, {root: machine.path, host: HOST})).toMatchObject({
      memory: {used: 32 * M, limit: 64 * M, source: 'cgroup1'},
      swap: {used: 8 * M, limit: 32 * M, source: 'cgroup1'},
      cpu: {
        limit: 2,
        usedSeconds: 7,
        throttling: {periods: 5, throttledPeriods: 1, throttledSeconds: 1.5},
      },
    });
  });

  test('without cgroups: the machine', async () => {
    await using machine = await testdir({...V2, 'proc/self/cgroup': ''});
    expect(await limitMetrics({memory: '1G'}, {root: machine.path, host: HOST})).toMatchObject({
      memory: {used: 600 * 1024, limit: 1024 * M, source: 'option', countedBy: '/proc/meminfo'},
      swap: {used: 40 * 1024, limit: 100 * 1024, source: 'host'},
      processes: {used: 345, countedBy: '/proc/loadavg'},
      cpu: {limit: 8, source: 'host'},
    });
  });

  test('without anything: only limits', async () => {
    await using machine = await testdir();
    const metrics = await limitMetrics({}, {root: machine.path, host: HOST});
    expect(metrics.memory).toEqual({limit: 8 * 1024 * M, source: 'host'});
    expect(metrics.files).toEqual({limit: 1024, source: 'host'});
    expect(metrics.cpu).toEqual({limit: 8, source: 'host'});
  });

  test('of this process: a descriptor more is counted', async () => {
    const {open} = await import('node:fs/promises');
    const before = (await limitMetrics()).files.used!;
    await using file = await open(process.execPath);
    expect((await limitMetrics()).files.used).toBe(before + 1);
    expect(file.fd).toBeGreaterThan(0);
  });
});
