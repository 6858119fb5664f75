// A cgroup that the kernel really enforces, made below our own (v1) or at the root (v2, where only a leaf may hold processes).
import {execFile} from 'node:child_process';
import {accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';

import {describe, expect, test} from '@jest/globals';
import {bin} from '@keelson/test-kit';

import type {LimitMetrics, SharedLimits} from '@keelson/resource-limits';

const run = promisify(execFile);
const M = 1024 ** 2;
const LIMITS = {memory: 200 * M, cpus: 0.5, processes: 77} as const;

interface RealCgroup extends Disposable {
  readonly version: 1 | 2;
  /** Folders to join, one for each hierarchy. */
  readonly folders: readonly string[];
}

function made(version: 1 | 2, files: Readonly<Record<string, Readonly<Record<string, string>>>>): RealCgroup {
  const folders = Object.keys(files);
  const undo = () => folders.toReversed().forEach((folder) => existsSync(folder) && rmdirSync(folder));
  try {
    for (const [folder, settings] of Object.entries(files)) {
      mkdirSync(folder);
      for (const [name, value] of Object.entries(settings)) writeFileSync(join(folder, name), value);
    }
  } catch (error) {
    undo();
    throw error;
  }
  return {version, folders, [Symbol.dispose]: undo};
}

function cgroup1(name: string): RealCgroup {
  const own = (controller: string) => {
    const path = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, 'm');
    const mount = new RegExp(`^\\S+ \\S+ \\S+ / (\\S+) .* - cgroup \\S+ \\S*\\b${controller}\\b`, 'm');
    const found = path.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
    const point = mount.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
    if (found === undefined || point === undefined) throw new Error(`no cgroup of ${controller}`);
    return join(point, found, name);
  };
  const files = {
    [own('memory')]: {'memory.limit_in_bytes': String(LIMITS.memory)},
    [own('cpu')]: {'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '50000'},
    [own('pids')]: {'pids.max': String(LIMITS.processes)},
  };
  return made(1, files);
}

function cgroup2(name: string): RealCgroup {
  const root = '/sys/fs/cgroup';
  const enabled = readFileSync(join(root, 'cgroup.subtree_control'), 'utf8').split(/\s+/);
  if (!['memory', 'cpu', 'pids'].every((controller) => enabled.includes(controller)))
    throw new Error('memory, cpu and pids are not all enabled');
  return made(2, {
    [join(root, name)]: {
      'memory.max': String(LIMITS.memory),
      'cpu.max': '50000 100000',
      'pids.max': String(LIMITS.processes),
    },
  });
}

/** Why there cannot be one here; undefined: there can. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  try {
    accessSync('/sys/fs/cgroup', constants.W_OK);
    using _ = newCgroup();
    return undefined;
  } catch (error) {
    return `no cgroup can be made: ${(error as Error).message}`;
  }
}

let count = 0;
function newCgroup(): RealCgroup {
  const name = `keelson-test-${process.pid}-${++count}`;
  return existsSync('/sys/fs/cgroup/cgroup.controllers') ? cgroup2(name) : cgroup1(name);
}

async function inside<T>({folders}: RealCgroup, program: string, ...args: readonly string[]): Promise<T> {
  const joining = folders.map((folder) => `echo $$ > '${folder}/cgroup.procs'`).join(' && ');
  const {stdout} = await run('/bin/sh', [
    '-c',
    `${joining} && exec "$@"`,
    'sh',
    process.execPath,
    program,
    ...args,
  ]);
  return JSON.parse(stdout) as T;
}

const because = obstacle();
const required = process.env['KEELSON_REQUIRE_REAL'] === '1';
const describeReal = because === undefined || required ? describe : describe.skip;

describeReal(`in a real cgroup${because === undefined ? '' : ` (missing: ${because})`}`, () => {
  test('its limits are read back, and shared out', async () => {
    using cgroup = newCgroup();
    const source = `cgroup${cgroup.version}`;
    const limits = await inside<SharedLimits>(cgroup, bin('resource-limits'), 'share', 'web', '--json');
    expect(limits).toMatchObject({
      memoryBytes: LIMITS.memory,
      cpus: LIMITS.cpus,
      processes: LIMITS.processes,
      source: {memory: source, cpus: source, processes: source},
    });
    expect(limits.reasons.memory).toMatch(/keelson-test-.*memory\./);
    expect(limits.allocations['web']!.map(({memoryBytes}) => memoryBytes)).toEqual([LIMITS.memory]);
  });

  test('a parent that allows less counts', async () => {
    using outer = newCgroup();
    const inner = made(
      outer.version,
      Object.fromEntries(outer.folders.map((folder) => [join(folder, 'inner'), {}])),
    );
    using _ = inner;
    const limits = await inside<SharedLimits>(inner, bin('resource-limits'), '--json');
    expect(limits).toMatchObject({memoryBytes: LIMITS.memory, cpus: LIMITS.cpus});
    expect(limits.reasons.cpus).not.toContain('/inner/');
  });

  test('metrics: what the cgroup has used', async () => {
    using cgroup = newCgroup();
    const program = join(import.meta.dirname, '../test/fixtures/print-metrics.mjs');
    const metrics = await inside<LimitMetrics>(cgroup, program);
    expect(metrics.memory).toMatchObject({limit: LIMITS.memory, source: `cgroup${cgroup.version}`});
    expect(metrics.memory.used).toBeGreaterThan(M);
    expect(metrics.memory.used).toBeLessThan(LIMITS.memory);
    expect(metrics.processes.limit).toBe(LIMITS.processes);
    expect(metrics.processes.used).toBeGreaterThan(1);
    expect(metrics.processes.used).toBeLessThan(40);
    expect(metrics.cpu.throttling!.periods).toBeGreaterThanOrEqual(0);
  });
});
