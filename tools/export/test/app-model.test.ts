import {readlink, realpath, symlink} from 'node:fs/promises';
import {dirname, join} from 'node:path';

import {describe, expect, test} from '@jest/globals';
import {appModel} from '@keelson/export';
import {faultOf, testdir, type Tree} from '@keelson/test-kit';

const NODE = {paths: {node: '/opt/node/bin/node'}};
const PROCFILE = 'web: node server.js\nworker: tool --x\nclock: cd lib && node clock.js\n';

const app = (more: Tree = {}, manifest: object = {}): Tree => ({
  Procfile: PROCFILE,
  'package.json': JSON.stringify({name: '@acme/my.shop', version: '1.0.0', ...manifest}),
  'node_modules/.bin/tool': {mode: 0o755, content: '#!/bin/sh\n'},
  ...more,
});

describe('appModel', () => {
  test('Procfile, .env and formation become a service model', async () => {
    await using directory = await testdir(app({'.env': 'A=1\nPORT=3000\n'}));
    const dir = directory.path;
    const user = {name: 'shop'};
    const process = {env: {A: '1', PORT: '3000'}};
    expect(await appModel(dir, {...NODE, user, formation: 'web=2,worker=1'})).toEqual({
      schema: 1,
      name: 'my-shop',
      root: dir,
      user,
      path: [
        join(dir, 'node_modules/.bin'),
        '/opt/node/bin',
        '/usr/local/sbin',
        '/usr/local/bin',
        '/usr/sbin',
        '/usr/bin',
        '/sbin',
        '/bin',
      ],
      programs: expect.objectContaining({tool: join(dir, 'node_modules/.bin/tool')}),
      processes: [
        {name: 'web', command: 'node server.js', instances: 2, port: {base: 5000}, ...process},
        {name: 'worker', command: 'tool --x', instances: 1, port: {base: 5100}, ...process},
      ],
    });
  });

  test('the Node that exports is found before the one of the system', async () => {
    await using directory = await testdir(app());
    const {programs} = await appModel(directory.path);
    expect(programs!['node']).toBe(join(dirname(process.execPath), 'node'));
  });

  test('a link is not resolved', async () => {
    await using directory = await testdir();
    await directory.write(
      Object.fromEntries(Object.entries(app()).map(([path, file]) => [`releases/1/${path}`, file])),
    );
    await symlink('releases/1', directory.at('current'));
    const {root, programs} = await appModel(directory.at('current'));
    expect(root).toBe(directory.at('current'));
    expect(programs!['tool']).toBe(directory.at('current/node_modules/.bin/tool'));
    expect(await readlink(directory.at('current'))).toBe('releases/1');
  });

  test('env files: later ones win, and the .env of the app is then not read', async () => {
    await using directory = await testdir(
      app({'.env': 'A=0\nB=0\n', 'a.env': 'A=1\nC=1\n', 'b.json': '{"C": "2"}'}),
    );
    const env = [directory.at('a.env'), directory.at('b.json')];
    const {processes} = await appModel(directory.path, {env});
    expect(processes[0]!.env).toEqual({A: '1', C: '2'});
  });

  test('the formation of the manifest counts when none is given', async () => {
    await using directory = await testdir(app({}, {keelson: {formation: {web: 3}}}));
    const {processes} = await appModel(directory.path);
    expect(processes.map(({name, instances}) => [name, instances])).toEqual([['web', 3]]);
  });

  test('stop signal and grace of a type are those of the manifest, as for foreman and supervisor', async () => {
    const processes = {worker: {stopSignal: 'SIGINT', graceMs: 300_000}, clock: {graceMs: 5000}};
    await using directory = await testdir(app({}, {keelson: {processes}}));
    const model = await appModel(directory.path, NODE);
    expect(model.processes.map(({name, stop}) => [name, stop])).toEqual([
      ['web', undefined],
      ['worker', {signal: 'SIGINT', timeoutMs: 300_000}],
      ['clock', {timeoutMs: 5000}],
    ]);
  });

  test('shares become limits, Node flags that fit them, and threads', async () => {
    const tuning = {keelson: {processes: {web: {memWeight: 300}}}};
    await using directory = await testdir(app({'.env': 'NODE_OPTIONS=--enable-source-maps\n'}, tuning));
    const {processes} = await appModel(directory.path, {
      formation: 'web=2,worker=1',
      share: {memory: '1G', cpus: 0.5},
    });
    expect(processes.map(({limits, env}) => [limits, env])).toEqual([
      [
        {memoryMax: 394_260_480, cpuQuota: 0.5, nofile: 159_728},
        {
          NODE_OPTIONS: '--enable-source-maps --max-old-space-size=192 --max-semi-space-size=16',
          UV_THREADPOOL_SIZE: '4',
        },
      ],
      [
        {memoryMax: 285_220_864, cpuQuota: 0.5, nofile: 106_496},
        {
          NODE_OPTIONS: '--enable-source-maps --max-old-space-size=126 --max-semi-space-size=8',
          UV_THREADPOOL_SIZE: '4',
        },
      ],
    ]);
  });

  test('what the app sets itself stays', async () => {
    const env = 'NODE_OPTIONS=--max_old_space_size=64\nUV_THREADPOOL_SIZE=9\n';
    await using directory = await testdir(app({'.env': env}));
    const {processes} = await appModel(directory.path, {share: {memory: '1G'}});
    expect(processes[0]!.env).toEqual({
      NODE_OPTIONS: expect.stringMatching(/^--max_old_space_size=64 --max-semi-space-size=\d+$/),
      UV_THREADPOOL_SIZE: '9',
    });
    expect(processes[0]!.limits).not.toHaveProperty('cpuQuota');
  });

  test('no fewer files than any system grants, no more than the kernel gives', async () => {
    const small = {keelson: {processes: {web: {minMemory: '64M'}}}};
    await using directory = await testdir(app({Procfile: 'web: node server.js\n'}, small));
    const filesOf = async (memory: string) =>
      (await appModel(directory.path, {share: {memory}})).processes[0]!.limits!.nofile;
    expect(await filesOf('66M')).toBe(1024);
    expect(await filesOf('300M')).toBe(120_832);
    expect(await filesOf('60G')).toBe(1_048_576);
  });

  test('a package.json without a name or a section of ours asks for nothing else; odd lines of files are told of', async () => {
    await using directory = await testdir({
      'shop/Procfile': 'web: node x \\\n',
      'shop/.env': 'A=1\nA=2\n',
      'shop/package.json': '{"type": "module"}',
    });
    const lines: string[] = [];
    const {name} = await appModel(directory.at('shop'), {onEvent: ({line}) => lines.push(line)});
    expect([name, ...lines.map((line) => line.slice(0, 40))]).toEqual([
      'shop',
      expect.stringMatching(/^warning: Procfile:1: the command of web/),
      expect.stringMatching(/^warning: /),
    ]);
    expect(lines[1]).toContain('.env:2: A is already set in line 1');
  });

  test('an app without package.json is named after its directory', async () => {
    await using directory = await testdir({'My App.2/Procfile': 'web: ./server\n'});
    expect((await appModel(directory.at('My App.2'))).name).toBe('my-app-2');
  });

  test.each<[string, Tree, Parameters<typeof appModel>[1], string]>([
    ['no Procfile', {}, {}, 'PROCFILE_MISSING'],
    ['an unknown type', app(), {formation: 'wob=1'}, 'FORMATION_UNKNOWN_TYPE'],
    ['an env file that is not there', app(), {env: ['/none']}, 'ENV_MISSING_FILE'],
    [
      'a required variable that is not set',
      app({}, {keelson: {required: ['KEY']}}),
      {},
      'ENV_REQUIRED_MISSING',
    ],
    ['a name without letters', app(), {app: '123'}, 'EXPORT_NAME'],
    ['a name that would have to be another', app(), {app: 'my.app'}, 'EXPORT_NAME'],
    ['a name that is too long', app(), {app: 'a'.repeat(64)}, 'EXPORT_NAME'],
    ['a manifest that is wrong', app({}, {keelson: {formatoin: {}}}), {}, 'MANIFEST_INVALID'],
    ['too little memory', app(), {share: {memory: '100M'}}, 'LIMITS_DEFICIT'],
    ['a size without a unit', app(), {share: {memory: '100'}}, 'LIMITS_SIZE'],
  ])('%s', async (_, tree, options, code) => {
    await using directory = await testdir(tree);
    expect(await faultOf(appModel(directory.path, options))).toMatchObject({code});
  });

  test('rejects with the reason of the signal', async () => {
    const reason = new Error('enough');
    const dir = await realpath('.');
    await expect(appModel(dir, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
  });
});
