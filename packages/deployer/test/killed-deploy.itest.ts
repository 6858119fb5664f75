import {existsSync} from 'node:fs';
import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {openArchive} from '@keelson/archive';
import {deploy, reconfigure, type DeployEvent} from '@keelson/deployer';
import {readReleases} from '@keelson/releases';
import {launchBin, packageRoot, testdir} from '@keelson/test-kit';
import {appArchive} from './app-archive.ts';
import {fakeRuntime} from './fake-runtime.ts';

const program = join(packageRoot(import.meta.url), 'test/fixtures/deploy-until.mjs');
const options = {allowRoot: true, bakeMs: 0, waitMs: 30_000, limits: {memory: '1G', cpus: 2}};
const plain = {
  files: {Procfile: 'web: node server.js', 'node_modules/a/index.js': 'a()', 'public/a.js': ''},
  keelson: {persistent: ['data']},
};
const parts = {
  files: {
    ...plain.files,
    Procfile: 'web: node server.js\nrelease: echo releasing',
    'keelson.deploy.json': JSON.stringify({
      actions: {prepare: 'echo preparing'},
      checks: [{command: 'true'}],
      assets: {folders: ['public']},
    }),
  },
  keelson: {persistent: ['data']},
};

/** Every event of the deploy that the next test kills, and the version that is current when it is killed there. */
const STEPS: readonly [event: DeployEvent['type'], current: '1.0.0' | '2.0.0'][] = [
  ['deploy:locked', '1.0.0'],
  ['deploy:staged', '1.0.0'],
  ['prepare:extracted', '1.0.0'],
  ['prepare:verified', '1.0.0'],
  ['prepare:reused', '1.0.0'],
  ['deploy:prepared', '1.0.0'],
  ['deploy:configured', '1.0.0'],
  ['deploy:linked', '1.0.0'],
  ['deploy:action-printed', '1.0.0'],
  ['deploy:action-ran', '1.0.0'],
  ['deploy:migration-printed', '1.0.0'],
  ['deploy:migrated', '1.0.0'],
  ['deploy:assets-carried', '1.0.0'],
  ['deploy:committed', '1.0.0'],
  ['deploy:started', '1.0.0'],
  ['deploy:ready', '1.0.0'],
  ['deploy:check-passed', '1.0.0'],
  ['deploy:switched', '2.0.0'],
  ['deploy:opened', '2.0.0'],
  ['deploy:baked', '2.0.0'],
  ['deploy:pruned', '2.0.0'],
  ['deploy:recorded', '2.0.0'],
];

test.each(STEPS)('killed at %s, the root is whole and the next deploy succeeds', async (event, version) => {
  await using dir = await testdir();
  const root = dir.at('shop');
  const to = {root, runtime: fakeRuntime().runtime};
  await deploy(await appArchive(dir.path, '1.0.0', plain), to, options);
  const second = await appArchive(dir.path, '2.0.0', parts);

  await using killed = launchBin(program, [second.path, root, event]);
  await killed.line(`at ${event}`);
  killed.kill('SIGKILL');
  await killed.exited;
  expect((await readReleases(root)).current).toMatchObject({version});
  expect(await readFile(join(root, 'current/server.js'), 'utf8')).toBe(`// ${version}`);

  const third = await appArchive(dir.path, '3.0.0', plain);
  const deployed = await deploy(await openArchive(third.path), to, options);
  expect(deployed).toMatchObject({result: 'deployed', release: {version: '3.0.0', state: 'good'}});
  const {releases, journal} = await readReleases(root);
  const reached = STEPS.findIndex(([one]) => one === event);
  const proved = reached >= STEPS.findIndex(([one]) => one === 'deploy:baked');
  expect(releases.filter(({state}) => state === 'good').map((one) => one.version)).toEqual(
    proved ? ['1.0.0', '2.0.0', '3.0.0'] : ['1.0.0', '3.0.0'],
  );
  expect(deployed.replaced).toBe(proved ? 2 : 1);
  expect((await readdir(join(root, 'releases'))).toSorted()).toEqual(
    releases.map(({number}) => String(number)).toSorted(),
  );
  expect(existsSync(join(root, '.keelson/in-progress'))).toBe(false);
  const told = journal.filter(({release}) => release === 2).map(({result}) => result);
  const before = event === 'deploy:locked';
  expect(told).toEqual(before ? ['deployed'] : [proved ? 'deployed' : 'interrupted']);
});

test.each<[event: DeployEvent['type'], current: number]>([
  ['deploy:configured', 2],
  ['deploy:started', 2],
  ['deploy:ready', 2],
  ['deploy:switched', 1],
  ['deploy:opened', 1],
  ['deploy:baked', 1],
  ['deploy:recorded', 1],
])('a rollback killed at %s leaves one of the two, and the next deploy succeeds', async (event, current) => {
  await using dir = await testdir();
  const root = dir.at('shop');
  const to = {root, runtime: fakeRuntime().runtime};
  await deploy(await appArchive(dir.path, '1.0.0', plain), to, options);
  await deploy(await appArchive(dir.path, '2.0.0', plain), to, options);
  await using killed = launchBin(program, ['-', root, event]);
  await killed.line(`at ${event}`);
  killed.kill('SIGKILL');
  await killed.exited;
  expect((await readReleases(root)).current).toMatchObject({number: current, state: 'good'});
  const deployed = await deploy(await appArchive(dir.path, '3.0.0', plain), to, options);
  expect(deployed).toMatchObject({result: 'deployed', replaced: current, release: {number: 3}});
  const told = (await readReleases(root)).journal.filter(({release}) => release === 1).slice(1);
  const done = current === 1 ? 'rolled-back' : 'interrupted';
  expect(told).toMatchObject([
    event === 'deploy:recorded'
      ? {what: 'rollback', result: 'rolled-back'}
      : {what: 'recover', interrupted: 'rollback', result: done},
  ]);
});

test.each<[event: DeployEvent['type'], config: number]>([
  ['deploy:staged', 1],
  ['deploy:configured', 1],
  ['deploy:committed', 1],
  ['deploy:started', 1],
  ['deploy:switched', 2],
  ['deploy:baked', 2],
])(
  'another configuration killed at %s leaves one of the two, and the next deploy succeeds',
  async (event, config) => {
    await using dir = await testdir();
    const root = dir.at('shop');
    const to = {root, runtime: fakeRuntime().runtime};
    await deploy(await appArchive(dir.path, '1.0.0', plain), to, options);
    await reconfigure({text: 'A=1\n'}, to, options);
    await using killed = launchBin(program, ['A=2', root, event]);
    await killed.line(`at ${event}`);
    killed.kill('SIGKILL');
    await killed.exited;
    const {current} = await readReleases(root);
    expect(current).toMatchObject({version: '1.0.0', config});
    expect(await readFile(join(root, 'current/server.js'), 'utf8')).toBe('// 1.0.0');
    const deployed = await deploy(await appArchive(dir.path, '3.0.0', plain), to, options);
    // A change that was not finished is none for what comes after it either.
    const next = event === 'deploy:baked' ? 2 : 1;
    expect(deployed).toMatchObject({result: 'deployed', release: {config: next, state: 'good'}});
  },
);

test('the steps above are all there are', async () => {
  await using dir = await testdir();
  const seen = new Set<string>();
  const to = {root: dir.at('shop'), runtime: fakeRuntime().runtime};
  await deploy(await appArchive(dir.path, '1.0.0', plain), to, options);
  await deploy(await appArchive(dir.path, '2.0.0', parts), to, {
    ...options,
    onEvent: ({type}) => void seen.add(type),
  });
  expect([...seen].filter((type) => type !== 'deploy:drained')).toEqual(STEPS.map(([event]) => event));
});
