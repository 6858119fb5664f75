import {describe, expect, test} from '@jest/globals';
import {deploy, type Deployment} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import {expectFault, testdir, type TestDirectory} from '@keelson/test-kit';
import fc from 'fast-check';
import {appArchive, type AppParts} from './app-archive.ts';
import {fakeRuntime} from './fake-runtime.ts';

const G = 1024 ** 3;

interface Machine {
  readonly memory?: string | number;
  readonly cpus?: number;
  readonly basePort?: number;
}

async function formationOf(dir: TestDirectory, parts: AppParts, machine: Machine = {}) {
  const {memory = '1G', cpus = 2, basePort} = machine;
  const {runtime, workload} = fakeRuntime();
  const target = {root: dir.at('shop'), runtime, basePort};
  const archive = await appArchive(dir.path, '1.0.0', parts);
  const {formation} = await deploy(archive, target, {allowRoot: true, bakeMs: 0, limits: {memory, cpus}});
  return {formation, instances: workload().instances};
}

const procfile = (...types: string[]) => types.map((type) => `${type}: node ${type}.js\n`).join('');
const short = (formation: Deployment['formation']) =>
  formation.map(({name, workers, port}) => `${name} ×${workers} :${port}`);

describe('the formation', () => {
  test.each<[title: string, parts: AppParts, settings: object, machine: Machine, expected: string[]]>([
    [
      'is one of each type; web has a worker for each CPU',
      {files: {Procfile: procfile('web', 'worker', 'clock')}},
      {},
      {cpus: 4, memory: '4G'},
      ['web.1 ×4 :5000', 'worker.1 ×1 :5100', 'clock.1 ×1 :5200'],
    ],
    [
      'has one worker on one CPU, or half of one',
      {},
      {},
      {cpus: 0.5},
      ['web.1 ×1 :5000', 'worker.1 ×1 :5100'],
    ],
    [
      'has fewer workers where memory is scarce',
      {files: {Procfile: procfile('web')}},
      {},
      {cpus: 8, memory: '400M'},
      ['web.1 ×3 :5000'],
    ],
    [
      'is what the app says',
      {keelson: {formation: {web: 1, worker: 2}}},
      {},
      {},
      ['web.1 ×2 :5000', 'worker.1 ×1 :5100', 'worker.2 ×1 :5101'],
    ],
    [
      'is what the deployment says, above the app',
      {keelson: {formation: {web: 1, worker: 2}}},
      {formation: {worker: 1}},
      {},
      ['worker.1 ×1 :5100'],
    ],
    [
      'shares the workers out over several web instances',
      {keelson: {formation: {web: 2}}},
      {},
      {cpus: 4, memory: '4G'},
      ['web.1 ×2 :5000', 'web.2 ×2 :5001'],
    ],
    [
      'has as many web instances as are asked for, also on fewer CPUs',
      {keelson: {formation: {web: 3}}},
      {},
      {cpus: 1},
      ['web.1 ×1 :5000', 'web.2 ×1 :5001', 'web.3 ×1 :5002'],
    ],
    [
      'takes the number of workers, and of other instances, from the process’ own configuration',
      {keelson: {processes: {web: {instances: 3}, worker: {instances: 2}}}},
      {},
      {},
      ['web.1 ×3 :5000', 'worker.1 ×1 :5100', 'worker.2 ×1 :5101'],
    ],
    [
      'is what entry points of the deployment need, over the app, over what all of its Node processes need',
      {keelson: {processes: {web: {instances: 3}}}},
      {
        entryPoints: {web: {tune: {instances: 4}}, clock: {command: 'node clock.js', tune: {instances: 2}}},
        toolTune: {node: {instances: 1}},
      },
      {},
      ['web.1 ×4 :5000', 'worker.1 ×1 :5100', 'clock.1 ×1 :5200', 'clock.2 ×1 :5201'],
    ],
    [
      'leaves the release phase out, wherever it stands',
      {files: {Procfile: `release: true\n${procfile('web')}`}},
      {},
      {},
      ['web.1 ×2 :5000'],
    ],
    ['begins at the port of the target', {}, {}, {basePort: 7000}, ['web.1 ×2 :7000', 'worker.1 ×1 :7100']],
    [
      'begins at the port of the deployment, above the target',
      {},
      {port: 8000},
      {basePort: 7000},
      ['web.1 ×2 :8000', 'worker.1 ×1 :8100'],
    ],
  ])('%s', async (_title, parts, settings, machine, expected) => {
    await using dir = await testdir({'shop/keelson.json': JSON.stringify(settings)});
    expect(short((await formationOf(dir, parts, machine)).formation)).toEqual(expected);
  });

  test('may take less than the machine from keelson.json', async () => {
    await using dir = await testdir({'shop/keelson.json': '{"memory": "256M", "cpus": 1}'});
    const {runtime, workload} = fakeRuntime();
    const archive = await appArchive(dir.path, '1.0.0', {files: {Procfile: procfile('web')}});
    await deploy(archive, {root: dir.at('shop'), runtime}, {allowRoot: true, bakeMs: 0});
    expect(workload().instances).toMatchObject([
      {
        workers: 1,
        memoryBytes: 256 * 1024 ** 2,
        heapMegabytes: 115,
        nodeOptions: '--max-old-space-size=115 --max-semi-space-size=8',
        threadPoolSize: 4,
      },
    ]);
  });

  test('says how an app wants its processes ended', async () => {
    await using dir = await testdir();
    const {runtime, workload} = fakeRuntime();
    const keelson = {processes: {worker: {stopSignal: 'SIGINT', graceMs: 300_000}}};
    const files = {Procfile: procfile('web', 'worker')};
    const archive = await appArchive(dir.path, '1.0.0', {files, keelson});
    await deploy(archive, {root: dir.at('shop'), runtime}, {allowRoot: true, bakeMs: 0});
    expect(workload().instances.map(({type, stopSignal, graceMs}) => [type, stopSignal, graceMs])).toEqual([
      ['web', undefined, undefined],
      ['worker', 'SIGINT', 300_000],
    ]);
  });

  test('says what each worker may use', async () => {
    await using dir = await testdir();
    const {instances, formation} = await formationOf(
      dir,
      {keelson: {processes: {web: {memWeight: 300}}}},
      {cpus: 2, memory: '2G'},
    );
    expect(instances).toHaveLength(2);
    const [web, worker] = instances;
    expect(web).toMatchObject({
      name: 'web.1',
      type: 'web',
      index: 1,
      command: 'node server.js',
      port: 5000,
      workers: 2,
    });
    expect(web!.memoryBytes * 2 + worker!.memoryBytes).toBeLessThanOrEqual(2 * G);
    expect(web!.memoryBytes * 2).toBeGreaterThan(worker!.memoryBytes * 2);
    expect(web!.heapMegabytes * 1024 ** 2).toBeLessThan(web!.memoryBytes);
    expect(formation[0]).toEqual({name: 'web.1', workers: 2, memoryBytes: web!.memoryBytes, port: 5000});
  });

  test('never gives away more memory than there is', async () => {
    const counts = fc.record({web: fc.integer({min: 0, max: 4}), worker: fc.integer({min: 0, max: 4})});
    const machines = fc.record({
      cpus: fc.double({min: 0.1, max: 16, noNaN: true}),
      gigabytes: fc.integer({min: 1, max: 64}),
    });
    await fc.assert(
      fc.asyncProperty(counts, machines, async (formation, {cpus, gigabytes}) => {
        await using own = await testdir();
        const memory = gigabytes * G;
        const {instances} = await formationOf(own, {keelson: {formation}}, {cpus, memory});
        const given = instances.reduce((sum, {workers, memoryBytes}) => sum + workers * memoryBytes, 0);
        expect(given).toBeLessThanOrEqual(memory);
        expect(instances.filter(({type}) => type === 'web')).toHaveLength(formation.web);
        expect(instances.filter(({type}) => type === 'worker')).toHaveLength(formation.worker);
        for (const {workers} of instances) expect(workers).toBeLessThanOrEqual(Math.ceil(cpus));
      }),
      {numRuns: 15},
    );
  });
});

describe('ports', () => {
  test('stay with their type when a release reorders, adds and leaves out types', async () => {
    await using dir = await testdir();
    const next = async (...types: string[]) =>
      short((await formationOf(dir, {files: {Procfile: procfile(...types)}}, {cpus: 1})).formation);
    expect(await next('web', 'worker')).toEqual(['web.1 ×1 :5000', 'worker.1 ×1 :5100']);
    expect(await next('clock', 'worker', 'web')).toEqual([
      'web.1 ×1 :5000',
      'worker.1 ×1 :5100',
      'clock.1 ×1 :5200',
    ]);
    expect(await next('mail', 'web')).toEqual(['web.1 ×1 :5000', 'mail.1 ×1 :5300']);
    expect(await next('worker', 'web')).toEqual(['web.1 ×1 :5000', 'worker.1 ×1 :5100']);
  });

  test('stay when the target says nothing any more', async () => {
    await using dir = await testdir();
    await formationOf(dir, {}, {basePort: 7000});
    expect(short((await formationOf(dir, {})).formation)[0]).toBe('web.1 ×2 :7000');
  });

  test('a type that is left out cannot be asked for', async () => {
    await using dir = await testdir();
    await formationOf(dir, {});
    await expectFault(
      formationOf(dir, {files: {Procfile: procfile('web')}, keelson: {formation: {web: 1, worker: 1}}}),
      'FORMATION_UNKNOWN_TYPE',
    );
    expect((await readReleases(dir.at('shop'))).current?.number).toBe(1);
  });

  test('an app without a long-running type is refused', async () => {
    await using dir = await testdir();
    const fault = await expectFault(
      formationOf(dir, {files: {Procfile: 'release: true\n'}}),
      'PROCFILE_EMPTY',
    );
    expect(fault.message).toContain('no processes defined');
  });
});
