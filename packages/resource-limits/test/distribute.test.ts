import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {expectFault, packageRoot} from '@keelson/test-kit';
import fc from 'fast-check';

import {
  distribute,
  formatSize,
  heapMegabytes,
  nodeMemory,
  threadPoolSize,
  type Allocation,
  type Capacity,
  type EntryPoint,
} from '@keelson/resource-limits';

import {cidDistribute} from './cid-algorithm.js';

const M = 1024 ** 2;
const PAGE = 4096;

function limitsOf(memoryBytes: number, cpus: number, files = Number.MAX_SAFE_INTEGER): Capacity {
  return {memoryBytes, cpus, files, processes: 100_000};
}

const firstBytes = ({first}: Allocation) => first.memoryBytes;

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
      const {instances, first} = allocation;
      const got = Array.from({length: instances}, (_one, index) => {
        const {memoryBytes, maxConnections, maxFiles, cpus} = index === 0 ? first : allocation;
        const maxMemory = formatSize(memoryBytes - (index === 0 ? more : 0));
        return {maxMemory, maxConnections, maxFD: maxFiles, maxCpuCount: cpus};
      });
      expect(got).toEqual(
        want.map(({maxMemory, maxConnections, maxFD, maxCpuCount}) => ({
          maxMemory,
          maxConnections,
          maxFD,
          maxCpuCount,
        })),
      );
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

const SHARE_OF_256M = {
  memoryBytes: 256 * M,
  cpus: 1,
  maxConnections: 6144,
  maxFiles: 98_304,
  threadPoolSize: 4,
  heapMegabytes: 115,
  nodeOptions: '--max-old-space-size=115 --max-semi-space-size=8',
};

describe('distribute', () => {
  test('memory and CPUs are enough to share out; what there cannot be is refused', async () => {
    expect(distribute({memoryBytes: 512 * M, cpus: 2}, [{name: 'web'}])).toEqual(
      distribute(limitsOf(512 * M, 2), [{name: 'web'}]),
    );
    for (const bad of [NaN, 0, -1, Infinity]) {
      await expectFault(() => distribute(limitsOf(bad, 2), []), 'LIMITS_OPTION');
      await expectFault(() => distribute(limitsOf(512 * M, bad), []), 'LIMITS_OPTION');
    }
    const fault = await expectFault(() => distribute(limitsOf(1000, 2), [{name: 'a'}]), 'LIMITS_DEFICIT');
    expect(fault.message).toContain('the limit is 1000B (67140632B less)');
  });

  const one = (entry: Omit<EntryPoint, 'name'>, memory = 1024 * M, cpus = 4, files?: number): Allocation =>
    distribute(limitsOf(memory, cpus, files), [{name: 'web', ...entry}])[0]!;

  test('an entry point needs only a name', () => {
    expect(one({}, 512 * M, 2)).toEqual({
      kind: 'allocation',
      name: 'web',
      instances: 2,
      totalMemoryBytes: 512 * M,
      ...SHARE_OF_256M,
      first: SHARE_OF_256M,
      reasons: {
        instances: 'one for each of 2 CPUs (512M is enough for 4 of 128M)',
        memoryBytes: '512M (65568K at least, the rest by memWeight 100 of 100) / 2 instances',
        cpus: 'at most 1, for one thread runs JavaScript, of 2 CPUs',
        maxConnections: '(memory − 64M minMemory) / 32K connMemory',
        maxFiles: 'connections × 16 connFD',
        threadPoolSize: "libuv's default",
        nodeOptions:
          'heap (memory × 0.8 − 60M for code and stacks) × 0.8; what is left is for peaks, buffers and three semi-spaces',
      },
    });
    expect(distribute(limitsOf(512 * M, 2), [])).toEqual([]);
  });

  test.each<[string, EntryPoint, number, Partial<Allocation>]>([
    ['instances is honoured', {name: 'w', instances: 3}, 1, {instances: 3, memoryBytes: 357_912_576}],
    ['maxInstances caps', {name: 'w', maxInstances: 1}, 4, {instances: 1, memoryBytes: 1024 * M}],
    ['one CPU: a second instance for the change', {name: 'w'}, 1, {instances: 2, cpus: 1}],
    ['one CPU, reloadable', {name: 'w', reloadable: true}, 1, {instances: 1, cpus: 1}],
    ['half a CPU stays half a CPU', {name: 'w', reloadable: true}, 0.5, {instances: 1, cpus: 0.5}],
    ['2.5 CPUs are good for 3 instances', {name: 'w', minMemory: '10M'}, 2.5, {instances: 3, cpus: 2.5 / 3}],
    ['2.5 CPUs for one', {name: 'w', scalable: false}, 2.5, {instances: 1, cpus: 2.5}],
    ['many cores, two instances', {name: 'w', multiCore: true}, 5, {instances: 2, cpus: 3}],
    [
      'connMemory below a page',
      {name: 'w', instances: 1, connMemory: '100B'},
      1,
      {maxConnections: 10_066_329},
    ],
    [
      'connMemory above minMemory',
      {name: 'w', minMemory: '1M', connMemory: '200M'},
      8,
      {instances: 5, maxConnections: 1},
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

  test('file descriptors are what the connections need; where the limit is below, the reason says what it is enough for', () => {
    expect(one({}, 1024 * M, 2, 4096)).toMatchObject({
      maxConnections: 14_336,
      maxFiles: 229_376,
      reasons: {
        maxFiles: 'connections × 16 connFD; the 4096 of this process are enough for 256 connections',
      },
    });
    expect(one({connFD: 5}, 1024 * M, 2).maxFiles).toBe(71_680);
  });

  test("what is left by the division is the first instance's, with its connections", () => {
    const {memoryBytes, first, reasons} = one({minMemory: '10M', connMemory: '4K'}, 1024 * M, 3);
    expect(first.memoryBytes - memoryBytes).toBe(PAGE);
    expect(first.maxConnections).toBeGreaterThan(
      one({minMemory: '10M', connMemory: '4K'}, 1024 * M, 3).maxConnections,
    );
    expect(reasons!.memoryBytes).toContain('the first also has the 4K that this leaves');
  });

  test.each<[string, EntryPoint, number, string]>([
    ['asked for', {name: 'w', instances: 3}, 2, 'asked for by instances'],
    ['maxInstances', {name: 'w', maxInstances: 2}, 8, 'maxInstances (1G is enough for 8 of 128M)'],
    ['memory', {name: 'w', minMemory: '200M'}, 8, '1G is enough for 2 of 400M'],
    ['one CPU', {name: 'w'}, 1, 'one CPU, but one serves while the other is replaced'],
    [
      'one CPU, reloadable',
      {name: 'w', reloadable: true},
      1,
      'one for the one CPU (1G is enough for 8 of 128M)',
    ],
    ['not scalable', {name: 'w', scalable: false}, 8, 'not scalable'],
    ['multiCore', {name: 'w', multiCore: true}, 8, 'multiCore: one serves while the other is replaced'],
    [
      'multiCore, reloadable',
      {name: 'w', multiCore: true, reloadable: true},
      8,
      'one uses every CPU and reloads in place',
    ],
    [
      'its minimum',
      {name: 'w', minMemory: '800M'},
      8,
      '1G is enough for 0 of 1600M, but one has its minimum',
    ],
    [
      'maxMemory',
      {name: 'w', minMemory: '90M', maxMemory: '170M', maxTotalMemory: '500M'},
      8,
      'so many of maxMemory use 500M',
    ],
  ])('the reason of the instances: %s', (_, entry, cpus, reason) => {
    expect(distribute(limitsOf(1024 * M, cpus), [entry])[0]!.reasons!.instances).toBe(reason);
  });

  test('without reasons where none are wanted', () => {
    const [allocation] = distribute(limitsOf(512 * M, 2), [{name: 'web'}], {explain: false});
    expect(allocation!.reasons).toBeUndefined();
  });

  test('threads of libuv: one for each CPU of a big instance, fewer where processes are limited', () => {
    const [big] = distribute(limitsOf(1024 * M, 16), [{name: 'big', multiCore: true, reloadable: true}]);
    expect(big).toMatchObject({threadPoolSize: 16, reasons: {threadPoolSize: 'one for each CPU'}});
    const [few] = distribute({...limitsOf(1024 * M, 2), processes: 20}, [{name: 'few'}]);
    expect(few).toMatchObject({instances: 2, threadPoolSize: 3});
    expect(few!.reasons!.threadPoolSize).toContain('limit of processes');
    expect([threadPoolSize(0.5), threadPoolSize(5000), threadPoolSize(1, 3)]).toEqual([4, 1024, 1]);
  });

  test('maxRequestSize and socketProtocol are handed on', () => {
    expect(one({maxRequestSize: '1M', socketProtocol: 'http'})).toMatchObject({
      maxRequestSize: '1M',
      socketProtocol: 'http',
      first: {maxRequestSize: '1M'},
    });
  });

  test('ten thousand entry points: to the page, whatever their order', () => {
    const entries = Array.from({length: 10_000}, (_, index) => ({
      name: `type-${index}`,
      memWeight: [50, 100, 300, 7][index % 4]!,
      maxTotalMemory: index % 5 === 0 ? ('200M' as const) : undefined,
    }));
    const limit = limitsOf(1024 ** 4 + 12_345, 64);
    const allocations = distribute(limit, entries, {explain: false});
    const total = allocations.reduce((sum, {totalMemoryBytes}) => sum + totalMemoryBytes, 0);
    expect(limit.memoryBytes - total).toBeLessThanOrEqual(PAGE);
    expect(total).toBeLessThanOrEqual(limit.memoryBytes);
    const again = distribute(limit, entries.toReversed(), {explain: false}).toReversed();
    // Text, for comparing so many objects takes a hundred times as long.
    expect(JSON.stringify(again) === JSON.stringify(allocations)).toBe(true);
  });

  test('a deficit of many names only some', async () => {
    const entries = Array.from({length: 100}, (_, index) => ({name: `t${index}`}));
    const fault = await expectFault(() => distribute(limitsOf(1024 * M, 2), entries), 'LIMITS_DEFICIT');
    expect(fault.message).toContain('for t0, t1, t2, t3, t4 and 95 more: at least');
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
    expect(run!.maxConnections).toBe(6144);
    expect(debug!.maxConnections).toBe(Math.floor(((256 - 96) * 1024) / 96));
  });

  test.each<[EntryPoint[], string]>([
    [[{name: ''}], 'has no name'],
    [[{name: 'a\x1b[2J'}], '"a\\u001b[2J": its name has a control character'],
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

/** Memory, connections, files and CPUs of each instance; undefined: a deficit. */
function rowsOf(distributing: () => readonly Allocation[]): number[][][] | undefined {
  try {
    return distributing().map(({instances, first, ...rest}) =>
      Array.from({length: instances}, (_, index) => {
        const {memoryBytes, maxConnections, maxFiles, cpus} = index === 0 ? first : rest;
        return [memoryBytes, maxConnections, maxFiles, cpus];
      }),
    );
  } catch (error) {
    if ((error as {code?: string}).code === 'LIMITS_DEFICIT') return undefined;
    throw error;
  }
}

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
          expect(allocation.maxConnections).toBeGreaterThanOrEqual(1);
          expect(allocation.heapMegabytes).toBeGreaterThan(0);
          expect(heapBytes(allocation.memoryBytes)).toBeLessThan(allocation.memoryBytes);
          expect(allocation.memoryBytes * (allocation.instances - 1) + firstBytes(allocation)).toBe(
            allocation.totalMemoryBytes,
          );
        }
      }),
    );
  });

  test('at most a page short of the limit, unless everyone is capped', () => {
    const uncapped = entryPoints.map((entries) =>
      entries.map((entry, index) => ({
        ...entry,
        maxMemory: undefined,
        maxTotalMemory: index === 0 ? undefined : entry.maxTotalMemory,
      })),
    );
    fc.assert(
      fc.property(limits, uncapped, (limit, entries) => {
        expect(limit.memoryBytes - used(distribute(limit, entries))).toBeLessThanOrEqual(PAGE);
      }),
    );
  });

  test('what is left beside capped ones goes to the others, to the last page', () => {
    fc.assert(
      fc.property(limits, fc.integer({min: 1, max: 500}), fc.integer({min: 1, max: 500}), (limit, a, b) => {
        const entries = [
          {name: 'capped', maxTotalMemory: '80M'},
          {name: 'a', memWeight: a},
          {name: 'b', memWeight: b},
        ];
        expect(limit.memoryBytes - used(distribute(limit, entries))).toBeLessThan(PAGE);
      }),
    );
  });

  test('of one or two entry points every number is the one of CID, written down as its text says', () => {
    const sizes = (...all: string[]) => fc.constantFrom(...all);
    const tune = fc.record({
      minMemory: sizes('1M', '4M', '64M', '100M', '3G'),
      connMemory: sizes('4K', '16K', '32K', '100K', '1M'),
      connFD: fc.constantFrom(4, 8, 16),
      memWeight: weight.map((one) => one ?? 100),
      maxTotalMemory: maybe(sizes('128M', '1G', '4G')),
      maxInstances: maybe(fc.integer({min: 1, max: 5})),
      scalable: fc.boolean(),
      multiCore: fc.boolean(),
      reloadable: fc.boolean(),
    });
    // With room for its minimum, which CID doesn't check.
    const sane = tune.filter(
      ({minMemory, maxTotalMemory}) =>
        minMemory !== '3G' || maxTotalMemory === undefined || maxTotalMemory === '4G',
    );
    const pages = fc.integer({min: 20_000, max: 16_000_000});
    fc.assert(
      fc.property(
        pages,
        fc.integer({min: 1, max: 32}),
        fc.array(sane, {minLength: 1, maxLength: 2}),
        (many, cpus, tunes) => {
          const memoryBytes = many * PAGE;
          const named = tunes.map((one, index) => ({name: 'ab'[index]!, ...one}));
          const want = cidDistribute(memoryBytes, cpus, named);
          expect(rowsOf(() => distribute(limitsOf(memoryBytes, cpus), named))).toEqual(want);
        },
      ),
      {numRuns: 500},
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
          let before = distribute(limit, entries, {explain: false});
          let memoryBytes = limit.memoryBytes;
          for (const step of more) {
            memoryBytes += step;
            const after = distribute({...limit, memoryBytes}, entries, {explain: false});
            const less = before.filter(
              ({totalMemoryBytes, instances}, index) =>
                after[index]!.totalMemoryBytes < totalMemoryBytes || after[index]!.instances < instances,
            );
            expect(less).toEqual([]);
            before = after;
          }
        },
      ),
      {numRuns: 300},
    );
  });
});

/** Old generation and three semi-spaces: what V8 reports as its limit. */
function heapBytes(memoryBytes: number): number {
  const {heapMegabytes: heap, semiSpaceMegabytes} = nodeMemory(memoryBytes);
  return (heap + 3 * semiSpaceMegabytes) * M;
}

describe('nodeMemory', () => {
  test.each([
    [4096, 2573, 16],
    [512, 279, 16],
    [256, 115, 8],
    [128, 33, 2],
    [64, 16, 1],
    [48, 12, 1],
  ])('%d MB: %d MB of old generation, semi-spaces of %d MB', (megabytes, heap, semiSpace) => {
    expect(nodeMemory(megabytes * M)).toEqual({
      heapMegabytes: heap,
      semiSpaceMegabytes: semiSpace,
      nodeOptions: `--max-old-space-size=${heap} --max-semi-space-size=${semiSpace}`,
    });
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
