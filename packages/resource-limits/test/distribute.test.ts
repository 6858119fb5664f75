import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {expectFault, packageRoot} from '@keelson/test-kit';
import fc from 'fast-check';

import {
  distribute,
  formatSize,
  heapMegabytes,
  type Allocation,
  type EntryPoint,
  type Limits,
} from '@keelson/resource-limits';

const M = 1024 ** 2;
const PAGE = 4096;

function limitsOf(memoryBytes: number, cpus: number, files = Number.MAX_SAFE_INTEGER): Limits {
  const source = {memory: 'option', cpus: 'option', files: 'host', processes: 'host'} as const;
  return {kind: 'limits', memoryBytes, cpus, files, processes: 1000, source};
}

const firstBytes = ({totalMemoryBytes, memoryBytes, instances}: Allocation) =>
  totalMemoryBytes - memoryBytes * (instances - 1);

describe("CID's worked cases", () => {
  interface CidInstance {
    readonly maxMemory: string;
    readonly maxConnections: number;
    readonly maxFD: number;
    readonly maxCpuCount: number;
  }
  interface CidCase {
    readonly id: string;
    readonly note: string;
    readonly input: {
      readonly memory: number;
      readonly cpus: number;
      readonly env: string;
      readonly entryPoints: Record<string, {readonly tune: Omit<EntryPoint, 'name'>}>;
    };
    readonly output: Record<string, CidInstance[]> | {readonly error: string};
  }
  const cases = JSON.parse(
    readFileSync(join(packageRoot(import.meta.url), 'test/fixtures/cid-cases.json'), 'utf8'),
  ) as CidCase[];

  // Every difference is named in the README.
  const DIFFERENT: Record<string, Record<string, CidInstance[]>> = {
    C23: {
      web: Array<CidInstance>(4).fill({
        maxMemory: '100M',
        maxConnections: 1152,
        maxFD: 18_432,
        maxCpuCount: 1,
      }),
    },
  };
  const ONE_PAGE_MORE = new Set(['C29/scalableMono']);

  test.each(cases.map((one) => [one.id, one.note, one] as const))('%s %s', async (id, _, {input, output}) => {
    const entryPoints = Object.entries(input.entryPoints).map(([name, {tune}]) => ({name, ...tune}));
    const run = () =>
      distribute(limitsOf(input.memory, input.cpus), entryPoints, {debug: input.env === 'dev'});
    if ('error' in output) {
      await expectFault(run, 'LIMITS_DEFICIT');
      return;
    }
    for (const allocation of run()) {
      const want = (DIFFERENT[id] ?? output)[allocation.name]!;
      const more = ONE_PAGE_MORE.has(`${id}/${allocation.name}`) ? PAGE : 0;
      expect({
        instances: allocation.instances,
        first: formatSize(firstBytes(allocation) - more),
        each: formatSize(allocation.memoryBytes),
        connections: allocation.connections,
        files: allocation.files,
        cpus: allocation.cpus,
      }).toEqual({
        instances: want.length,
        first: want[0]!.maxMemory,
        each: want.at(-1)!.maxMemory,
        connections: want.at(-1)!.maxConnections,
        files: want.at(-1)!.maxFD,
        cpus: want.at(-1)!.maxCpuCount,
      });
    }
  });

  test('the deficit is told in bytes', async () => {
    const fault = await expectFault(
      () => distribute(limitsOf(100 * M, 2), [{name: 'a'}, {name: 'b'}]),
      'LIMITS_DEFICIT',
    );
    expect(fault.message).toBe(
      'not enough memory for a, b: at least 131136K are needed, the limit is 100M (28736K less)',
    );
  });
});

describe('distribute', () => {
  const one = (entry: Omit<EntryPoint, 'name'>, memory = 1024 * M, cpus = 4, files?: number): Allocation =>
    distribute(limitsOf(memory, cpus, files), [{name: 'web', ...entry}])[0]!;

  test('an entry point needs only a name', () => {
    expect(one({}, 512 * M, 2)).toEqual({
      kind: 'allocation',
      name: 'web',
      instances: 2,
      memoryBytes: 256 * M,
      totalMemoryBytes: 512 * M,
      cpus: 1,
      connections: 6144,
      files: 98_304,
      heapMegabytes: 115,
    });
    expect(distribute(limitsOf(512 * M, 2), [])).toEqual([]);
  });

  test.each<[string, EntryPoint, number, Partial<Allocation>]>([
    ['instances is honoured', {name: 'w', instances: 3}, 1, {instances: 3, memoryBytes: 357_912_576}],
    ['maxInstances caps', {name: 'w', maxInstances: 1}, 4, {instances: 1, memoryBytes: 1024 * M}],
    ['one CPU: a second instance for the change', {name: 'w'}, 1, {instances: 2, cpus: 1}],
    ['one CPU, reloadable', {name: 'w', reloadable: true}, 1, {instances: 1, cpus: 1}],
    ['half a CPU stays half a CPU', {name: 'w', reloadable: true}, 0.5, {instances: 1, cpus: 0.5}],
    ['2.5 CPUs are good for 3 instances', {name: 'w', minMemory: '10M'}, 2.5, {instances: 3, cpus: 1}],
    ['2.5 CPUs for one', {name: 'w', scalable: false}, 2.5, {instances: 1, cpus: 2.5}],
    ['many cores, two instances', {name: 'w', multiCore: true}, 5, {instances: 2, cpus: 3}],
    ['connMemory below a page', {name: 'w', instances: 1, connMemory: '100B'}, 1, {connections: 10_066_329}],
    [
      'connMemory above minMemory',
      {name: 'w', minMemory: '1M', connMemory: '200M'},
      8,
      {instances: 5, connections: 1},
    ],
    [
      'maxMemory below twice minMemory',
      {name: 'w', maxMemory: '100M'},
      2,
      {instances: 2, memoryBytes: 100 * M},
    ],
  ])('%s', (_, entry, cpus, want) => {
    expect(distribute(limitsOf(1024 * M, cpus), [entry])[0]).toMatchObject(want);
  });

  test('file descriptors never go above the limit, nor connections with them', () => {
    expect(one({}, 1024 * M, 2, 4096)).toMatchObject({connections: 256, files: 4096});
    expect(one({connFD: 5}, 1024 * M, 2, 1024)).toMatchObject({connections: 204, files: 1020});
  });

  test('cpuWeight: the heaviest may use every CPU, the others less in proportion', () => {
    const [heavy, light] = distribute(limitsOf(4096 * M, 8), [
      {name: 'heavy', cpuWeight: 200, minMemory: '50M'},
      {name: 'light', cpuWeight: 50, minMemory: '50M'},
    ]);
    expect([heavy!.instances, light!.instances]).toEqual([8, 2]);
  });

  test('debug overhead counts only when debugging', () => {
    const entry = {name: 'web', debugOverhead: '32M', debugConnOverhead: '64K'};
    const [run] = distribute(limitsOf(512 * M, 2), [entry]);
    const [debug] = distribute(limitsOf(512 * M, 2), [entry], {debug: true});
    expect(run!.connections).toBe(6144);
    expect(debug!.connections).toBe(Math.floor(((256 - 96) * 1024) / 96));
  });

  test.each<[EntryPoint[], string]>([
    [[{name: ''}], 'has no name'],
    [[{name: 'a'}, {name: 'a'}], '"a" is there twice'],
    [[{name: 'a', minMemory: '12'}], 'minMemory: "12" is no size: it has no unit'],
    [[{name: 'a', minMemory: 0}], 'minMemory is 0'],
    [[{name: 'a', memWeight: 0}], 'memWeight is 0'],
    [[{name: 'a', memWeight: 1.5}], 'memWeight is 1.5'],
    [[{name: 'a', instances: 3, maxInstances: 2}], 'instances 3 is more than maxInstances 2'],
    [[{name: 'a', instances: 2, scalable: false}], 'not scalable'],
    [[{name: 'a', maxMemory: '64M'}], 'maxMemory 64M is less than minMemory 64M and one connection of 32K'],
    [[{name: 'a', maxTotalMemory: '10M'}], 'maxTotalMemory 10M is less than'],
    [[{name: 'a', maxTotalMemory: '100M', instances: 2}], ', 2 times'],
  ])('%j is refused', async (entries, because) => {
    const fault = await expectFault(() => distribute(limitsOf(1024 * M, 2), entries), 'LIMITS_ENTRY');
    expect(fault.message).toContain(because);
  });
});

describe('over random entry points', () => {
  const size = (from: number, to: number) =>
    fc.integer({min: from, max: to}).map((kilobytes) => kilobytes * 1024);
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, {nil: undefined});
  const weight = maybe(fc.integer({min: 1, max: 1000}));
  const entryPoint = fc.record({
    name: fc.string({minLength: 1, maxLength: 8}),
    minMemory: size(1, 200 * 1024),
    connMemory: fc.oneof(size(1, 4096), fc.integer({min: 1, max: 9000})),
    maxTotalMemory: maybe(size(300 * 1024, 4 * 1024 * 1024)),
    maxMemory: maybe(size(210 * 1024, 1024 * 1024)),
    memWeight: weight,
    cpuWeight: weight,
    scalable: fc.boolean(),
    multiCore: fc.boolean(),
    reloadable: fc.boolean(),
    maxInstances: maybe(fc.integer({min: 1, max: 10})),
  });
  const entryPoints = fc.uniqueArray(entryPoint, {selector: ({name}) => name, minLength: 1, maxLength: 12});
  const limits = fc
    .record({
      memory: fc.integer({min: 12 * 210 * M, max: 32 * 1024 * M}),
      cpus: fc.oneof(fc.integer({min: 1, max: 64}), fc.double({min: 0.1, max: 64, noNaN: true})),
      files: fc.integer({min: 64, max: 1_048_576}),
    })
    .map(({memory, cpus, files}) => limitsOf(memory, cpus, files));
  const used = (allocations: readonly Allocation[]) =>
    allocations.reduce((sum, {totalMemoryBytes}) => sum + totalMemoryBytes, 0);

  test('never more than the limit, and never less than the minimum', () => {
    fc.assert(
      fc.property(limits, entryPoints, (limit, entries) => {
        const allocations = distribute(limit, entries);
        expect(used(allocations)).toBeLessThanOrEqual(limit.memoryBytes);
        for (const [index, allocation] of allocations.entries()) {
          const entry = entries[index]!;
          expect(allocation.name).toBe(entry.name);
          expect(allocation.memoryBytes).toBeGreaterThanOrEqual(entry.minMemory + entry.connMemory);
          expect(allocation.memoryBytes).toBeLessThanOrEqual(entry.maxMemory ?? Infinity);
          expect(allocation.totalMemoryBytes).toBeLessThanOrEqual(entry.maxTotalMemory ?? Infinity);
          expect(firstBytes(allocation)).toBeGreaterThanOrEqual(allocation.memoryBytes);
          expect(firstBytes(allocation)).toBeLessThanOrEqual(entry.maxMemory ?? Infinity);
          expect(allocation.instances).toBeLessThanOrEqual(entry.maxInstances ?? Infinity);
          expect(allocation.instances).toBeGreaterThanOrEqual(1);
          expect(allocation.cpus).toBeLessThanOrEqual(limit.cpus);
          expect(allocation.files).toBeLessThanOrEqual(limit.files);
          expect(allocation.connections).toBeGreaterThanOrEqual(1);
          expect(allocation.heapMegabytes).toBeGreaterThan(0);
          expect(allocation.heapMegabytes * M).toBeLessThan(allocation.memoryBytes);
        }
      }),
    );
  });

  test('at most a page (and what fills none) short of the limit, unless everyone is capped', () => {
    const uncapped = entryPoints.map((entries) =>
      entries.map((entry, index) => ({
        ...entry,
        maxMemory: undefined,
        maxTotalMemory: index === 0 ? undefined : entry.maxTotalMemory,
      })),
    );
    fc.assert(
      fc.property(limits, uncapped, (limit, entries) => {
        const whole = Math.floor(limit.memoryBytes / PAGE) * PAGE;
        expect(whole - used(distribute(limit, entries))).toBeLessThanOrEqual(PAGE);
      }),
    );
  });

  test('the order of entry points never changes an allocation', () => {
    const shuffled = entryPoints.chain((entries) =>
      fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, {minLength: entries.length})),
    );
    fc.assert(
      fc.property(limits, shuffled, (limit, [entries, others]) => {
        const byName = new Map(distribute(limit, others).map((allocation) => [allocation.name, allocation]));
        for (const allocation of distribute(limit, entries)) {
          expect(byName.get(allocation.name)).toEqual(allocation);
        }
      }),
    );
  });

  test('more memory never gives less, to the byte', () => {
    const steps = fc.oneof(fc.integer({min: 1, max: 20 * PAGE}), fc.integer({min: 1, max: 1024 * M}));
    fc.assert(
      fc.property(
        limits,
        entryPoints,
        fc.array(steps, {minLength: 1, maxLength: 10}),
        (limit, entries, more) => {
          let before = distribute(limit, entries);
          let memoryBytes = limit.memoryBytes;
          for (const step of more) {
            memoryBytes += step;
            const after = distribute({...limit, memoryBytes}, entries);
            for (const [index, {totalMemoryBytes, instances}] of before.entries()) {
              expect(after[index]!.totalMemoryBytes).toBeGreaterThanOrEqual(totalMemoryBytes);
              expect(after[index]!.instances).toBeGreaterThanOrEqual(instances);
            }
            before = after;
          }
        },
      ),
      {numRuns: 300},
    );
  });
});

describe('heapMegabytes', () => {
  test.each([
    [1024, 607],
    [512, 279],
    [256, 115],
    [128, 33],
    [64, 16],
    [48, 12],
    [1, 1],
  ])('%d MB: %d', (megabytes, heap) => {
    expect(heapMegabytes(megabytes * M)).toBe(heap);
  });
});
