import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {chmod, readFile, readdir, rm, stat, writeFile} from 'node:fs/promises';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {configDigest, migrateCurrent, readConfig, runAction} from '@keelson/deployer';
import {openReleases, type Action, type HealthCheck} from '@keelson/releases';
import {run} from '@keelson/spawn';
import {expectFault, git, testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {actionSteps} from '../dist/action-steps.js';
import {bench} from './deploy-bench.ts';
import {notReady} from './fake-runtime.ts';

const rules = (
  project: Readonly<Record<string, Action>>,
  deployment: Readonly<Record<string, Action>> = {},
) => ({
  project,
  deployment,
  checks: [],
  migrations: [],
  templates: {},
  assets: {folders: [], keep: 3},
});
/** As one word each: `default`, `keelson limits`, `sh a`. */
const steps = (...[name, ...said]: [string, ...Parameters<typeof rules>]) =>
  actionSteps(name, rules(...said))?.map((step) =>
    step.kind === 'default' ? 'default' : `${step.kind} ${step.line}`,
  );
const project = (value: object) => ({files: {'keelson.deploy.json': JSON.stringify(value)}});

describe('an action', () => {
  test.each<
    [string, Readonly<Record<string, Action>>, Readonly<Record<string, Action>>, string[] | undefined]
  >([
    ['nobody says anything', {}, {}, ['default']],
    ['the app says one line', {migrate: 'a'}, {}, ['shell a']],
    ['the app adds to the default', {migrate: ['a', '@default', 'b']}, {}, ['shell a', 'default', 'shell b']],
    ['the deployment replaces it', {migrate: ['a', '@default']}, {migrate: 'b'}, ['shell b']],
    [
      'the deployment splices it in',
      {migrate: ['a', '@default']},
      {migrate: ['x', '@default', 'y']},
      ['shell x', 'shell a', 'default', 'shell y'],
    ],
    ['only the first @default counts', {migrate: 'a'}, {migrate: ['@default', '@default']}, ['shell a']],
    ['it calls a command of ours', {migrate: '@keelson limits --json'}, {}, ['keelson limits --json']],
    [
      'it calls others',
      {migrate: ['one', 'two'], one: 'a', two: ['one', 'b']},
      {},
      ['shell a', 'shell a', 'shell b'],
    ],
    ['nothing is to be done', {migrate: []}, {}, []],
  ])('does what it should when %s', (_title, app, deployment, expected) => {
    expect(steps('migrate', app, deployment)).toEqual(expected);
  });

  test('of your own has no default', () => {
    expect(steps('smoke', {smoke: 'curl x'})).toEqual(['shell curl x']);
    expect(steps('smoke', {})).toBeUndefined();
    expect(() => steps('smoke', {smoke: '@default'})).toThrow(/smoke has no default/);
    expect(() => steps('smoke', {smoke: '@defualt'})).toThrow(/"@defualt", which is none/);
  });

  test('cannot call itself', () => {
    expect(() => steps('a', {a: ['x', 'b'], b: 'c', c: 'a'})).toThrow('action a calls itself: a → b → c → a');
  });

  test('property: has an end or is refused, whatever calls what', () => {
    const names = ['prepare', 'build', 'a', 'b', 'c'];
    const step = fc.constantFrom(...names, '@default', '@keelson x', 'line');
    const table = fc.dictionary(fc.constantFrom(...names), fc.array(step, {maxLength: 3}));
    const outcome = (...said: Parameters<typeof steps>) => {
      try {
        return (steps(...said) ?? []).every((one) => /^(default|keelson x|shell (line|[abc]))$/.test(one));
      } catch (error) {
        return (error as {code?: string}).code === 'DEPLOY_ACTION';
      }
    };
    fc.assert(
      fc.property(table, table, fc.constantFrom(...names), (app, deployment, name) =>
        expect(outcome(name, app, deployment)).toBe(true),
      ),
    );
  });

  test('runs in the release that is made, with its configuration, before the switch', async () => {
    await using app = await bench({
      keelson: [process.execPath, '-p', '"ours", process.argv.slice(1).join()'],
    });
    await app.configure('TITLE=Shop\n');
    const actions = {
      prepare: 'echo "$TITLE in $(basename $PWD) > $KEELSON_ACTIONS" > made.txt',
      build: 'echo never',
      migrate: ['@default', '@keelson limits', 'echo last'],
    };
    const files = {...project({actions}).files, Procfile: 'web: node x\nrelease: echo released'};
    await app.deploy('1.0.0', {files});
    expect(await readFile(join(app.root, 'current/made.txt'), 'utf8')).toBe('Shop in 1.tmp > prepare\n');
    const lines = app.events.flatMap((event) => ('line' in event ? [event.line] : []));
    expect(lines).toEqual(['released', 'limits', 'last']);
  });

  // Nobody is the user whom every machine has.
  const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip;
  describeAsRoot('of an app that root deploys for somebody', () => {
    test('runs with that one’s rights, and so do migrations and checks', async () => {
      await using app = await bench();
      await chmod(app.dir.path, 0o755);
      const said = {
        actions: {prepare: 'id -u > made.txt', build: 'id -u > built.txt', smoke: 'id -u > data/smoke.txt'},
        migrations: [{name: 'one', kind: 'expand', run: 'id -u > data/migrated.txt'}],
        checks: [{command: 'id -u > data/checked.txt'}],
      };
      const nobody = (await run({command: 'id', args: ['-u', 'nobody']})).stdout;
      const parts = {...project(said), keelson: {persistent: ['data']}};
      const deployment = await app.deploy('1.0.0', parts, {user: 'nobody', build: true});
      expect(deployment).toMatchObject({result: 'deployed', release: {user: 'nobody'}});
      // What it ran as once it runs as again, also when nobody says so.
      await runAction('smoke', app.to);
      await rm(join(app.root, 'persistent/data/migrated.txt'));
      await writeFile(join(app.root, '.keelson/migrations.jsonl'), '');
      expect(await migrateCurrent(app.to)).toMatchObject({action: 'migrate', result: 'done', release: 1});
      const files = [
        'made.txt',
        'built.txt',
        ...['smoke', 'migrated', 'checked'].map((it) => `data/${it}.txt`),
      ];
      for (const file of files)
        expect([file, await readFile(join(app.root, 'current', file), 'utf8')]).toEqual([file, nobody]);
      expect((await stat(join(app.root, 'current/made.txt'))).uid).toBe(0);
    });
  });

  test('that fails is a refusal with its last lines', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const failed = await app.deploy('2.0.0', project({actions: {prepare: 'echo no good >&2; exit 3'}}));
    expect(failed).toMatchObject({
      result: 'refused',
      because: 'action prepare ended with exit code 3: echo no good >&2; exit 3',
      output: ['no good'],
    });
    expect(app.serving()).toEqual([1]);
  });

  test('of your own runs in the current release, by its name', async () => {
    await using app = await bench();
    await app.configure('TITLE=Shop\n');
    await expectFault(runAction('smoke', app.to), 'DEPLOY_ACTION');
    await app.deploy('1.0.0', project({actions: {smoke: ['echo "$TITLE $1"', 'exit $2']}}));
    const done = await runAction('smoke', app.to, {args: ['a b', '0']});
    expect(done).toEqual({kind: 'action-result', action: 'smoke', result: 'done', release: 1});
    expect(await runAction('smoke', app.to, {args: ['x', '4']})).toMatchObject({result: 'failed'});
    const unknown = await expectFault(runAction('smok', app.to), 'DEPLOY_ACTION');
    expect(unknown.hint).toContain('There are: smoke');
    const inner = {...app.to, environment: {KEELSON_ACTIONS: 'migrate,smoke'}};
    expect((await expectFault(runAction('smoke', inner), 'DEPLOY_ACTION')).message).toContain(
      'migrate → smoke → smoke',
    );
  });

  test('that is misspelled is refused before anything stops', async () => {
    await using app = await bench();
    await app.deploy('1.0.0');
    const fault = await expectFault(app.deploy('2.0.0', project({action: {}})), 'RELEASE_SETTINGS');
    expect(fault.message).toContain('did you mean actions?');
    expect(app.serving()).toEqual([1]);
  });
});

describe('migrations', () => {
  const expand = {name: '1-add', kind: 'expand', run: 'echo add >> "$LOG"'};
  const contract = {name: '2-drop', kind: 'contract', run: 'echo drop >> "$LOG"'};

  async function migrating() {
    const app = await bench();
    await app.configure(`LOG=${app.dir.at('log')}\n`);
    return {...app, log: async () => (await readFile(app.dir.at('log'), 'utf8')).trim().split('\n')};
  }

  test('run once each, and stand in the ledger', async () => {
    await using app = await migrating();
    await app.deploy('1.0.0', project({migrations: [expand]}));
    await app.deploy('1.1.0', project({migrations: [expand, contract]}));
    expect(await app.log()).toEqual(['add', 'drop']);
    await using releases = await openReleases(app.root);
    expect(await releases.migrations.read()).toMatchObject([
      {name: '1-add', kind: 'expand', release: 1, state: 'done'},
      {name: '2-drop', kind: 'contract', release: 2, state: 'done'},
    ]);
  });

  test('that fail are a refusal, and run again', async () => {
    await using app = await migrating();
    await app.deploy('1.0.0');
    const failing = {...expand, run: `${expand.run}; exit 1`};
    const refused = await app.deploy('1.1.0', project({migrations: [failing]}));
    expect(refused.because).toContain('migration 1-add ended with exit code 1');
    await app.deploy('1.2.0', project({migrations: [expand]}));
    expect(await app.log()).toEqual(['add', 'add']);
  });

  test('a rollback does not cross a contract, unless it is forced', async () => {
    await using app = await migrating();
    await app.deploy('1.0.0');
    await app.deploy('1.1.0', project({migrations: [expand]}));
    await app.deploy('1.2.0', project({migrations: [expand, contract]}));
    const refused = await app.rollback();
    expect(refused).toMatchObject({result: 'refused', release: {number: 2}});
    expect(refused.because).toContain('contract migration 2-drop (release 3)');
    expect(app.serving()).toEqual([3]);
    expect((await app.journal()).at(-1)).toMatchObject({what: 'rollback', result: 'refused', release: 2});
    expect(await app.rollback({force: true})).toMatchObject({result: 'rolled-back', release: {number: 2}});
    expect(await app.rollback()).toMatchObject({result: 'refused', release: {number: 1}}); // it is still there
  });

  test('a rollback over an expand is like any other', async () => {
    await using app = await migrating();
    await app.deploy('1.0.0');
    await app.deploy('1.1.0', project({migrations: [expand]}));
    expect(await app.rollback()).toMatchObject({result: 'rolled-back', release: {number: 1}});
  });
});

describe('checks', () => {
  const listening = async (answer: Parameters<typeof createServer>[1]) => {
    const server: Server = createServer(answer!);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const {port} = server.address() as AddressInfo;
    return {port, [Symbol.asyncDispose]: async () => void server.close()};
  };
  const deployed = async (checks: readonly HealthCheck[], more: object = {}) => {
    await using app = await bench();
    Object.assign(app.to.runtime, more);
    const {result, because} = await app.deploy('1.0.0', project({checks}));
    const calls = app.calls.filter((call) => /^(open|watch)/.test(call));
    return {
      result,
      because,
      calls,
      passed: app.events.filter(({type}) => type === 'deploy:check-passed').length,
    };
  };
  const soon = {timeoutMs: 1};

  test('of every kind let a version pass that holds them', async () => {
    await using server = await listening((_request, response) =>
      response.setHeader('etag', '"1"').end('all is well'),
    );
    const reach = () => [{instance: 'web.1', host: '127.0.0.1', port: server.port}];
    const printed = () => new Map([['web.1', ['starting', 'ready on 1']]]);
    const checks = [
      {tcp: true as const},
      {tcp: server.port},
      {http: '/', status: [200, 204], body: 'all.*well', headers: {ETag: '^"1"$'}},
      {command: 'test "$NODE_ENV" = production && test -f server.js'},
      {staysUpMs: 5},
      {log: '^ready'},
    ];
    expect(await deployed(checks, {reach, printed})).toEqual({
      result: 'deployed',
      because: undefined,
      calls: ['watch 1', 'open 1', 'watch 1'],
      passed: 6,
    });
  });

  test.each<[string, HealthCheck, RegExp]>([
    ['status', {http: '/', status: 200, ...soon}, /web\.1: GET \/ answered 503, not 200/],
    ['default status', {http: '/', ...soon}, /web\.1: GET \/ answered 503$/],
    ['body', {http: '/', status: 503, body: 'fine', ...soon}, /\/fine\/ does not match the body/],
    ['header', {http: '/', status: 503, headers: {etag: 'x'}, ...soon}, /the header etag is ""/],
    ['tcp', {tcp: 1, ...soon}, /^port 1: no connection: ECONNREFUSED/],
    ['command', {command: 'echo bad; exit 2'}, /the check ended with exit code 2/],
    [
      'a command without an end',
      {command: 'sleep 60', timeoutMs: 50},
      /the check did not end within 0\.05 s/,
    ],
    ['log', {log: 'ready', ...soon}, /web\.1: no line matches \/ready\//],
  ])('by %s keep a version from traffic', async (_title, check, because) => {
    await using server = await listening((_request, response) => response.writeHead(503).end('ill'));
    const reach = () => [{instance: 'web.1', host: '127.0.0.1', port: server.port}];
    const printed = () => new Map([['web.1', ['starting']]]);
    const refused = await deployed([check], {reach, printed});
    expect(refused).toMatchObject({result: 'refused', calls: [], passed: 0});
    expect(refused.because).toMatch(because);
  });

  test('of a port of the app itself ask the new version, not the one that has the port until the switch', async () => {
    await using old = await listening((_request, response) => response.end());
    await using app = await bench({basePort: old.port});
    const reach = () => [{instance: 'web.1', socketPath: app.dir.at('nobody.sock')}];
    Object.assign(app.to.runtime, {reach});
    const refused = await app.deploy('1.0.0', project({checks: [{tcp: old.port, ...soon}]}));
    expect(refused).toMatchObject({result: 'refused', because: 'web.1: no connection: ENOENT'});
    const other = await app.deploy('1.0.1', project({checks: [{tcp: 1, ...soon}]}));
    expect(other.because).toBe('port 1: no connection: ECONNREFUSED');
  });

  test('by log show the last lines alone', async () => {
    await using app = await bench();
    const lines = Array.from({length: 500}, (_, index) => `line ${index}`);
    Object.assign(app.to.runtime, {printed: () => new Map([['web.1', lines]])});
    const refused = await app.deploy('1.0.0', project({checks: [{log: 'ready', ...soon}]}));
    expect(refused.output).toEqual(lines.slice(-20));
  });

  test('that it stays up', async () => {
    const refused = await deployed([{staysUpMs: 1}], {watch: async () => notReady});
    expect(refused).toMatchObject({result: 'refused', because: 'web.1: GET / answered 500', calls: []});
  });

  test('are made on the port, in the bake window, where nobody knows where instances listen before', async () => {
    await using server = await listening((_request, response) => response.end());
    await using app = await bench({basePort: server.port});
    await app.deploy('1.0.0', project({checks: [{http: '/'}]}));
    expect(app.serving()).toEqual([1]);
    const refused = await app.deploy('2.0.0', project({checks: [{http: '/', status: 204, ...soon}]}));
    expect(refused).toMatchObject({result: 'refused', because: 'web.1: GET / answered 200, not 204'});
    expect(await app.current()).toBe(1);
    expect(app.serving()).toEqual([1]);
  });
});

describe('configuration', () => {
  test('has the types that the app requires, or the release is refused before anything stops', async () => {
    await using app = await bench();
    const keelson = {required: {PORT_OF_DB: 'port', URL: 'url'}};
    await app.configure('PORT_OF_DB=5432\nURL=http://x\n');
    expect(await app.deploy('1.0.0', {keelson})).toMatchObject({result: 'deployed'});
    await app.configure('PORT_OF_DB=hunter2\nURL=http://x\n');
    const refused = await app.deploy('2.0.0', {keelson});
    expect(refused).toMatchObject({
      result: 'refused',
      because: 'config revision 2: PORT_OF_DB has to be a port (1 to 65535)',
    });
    expect(app.calls).not.toContain('start 2');
  });

  test('may refer to secrets, which are in no file of ours', async () => {
    await using app = await bench();
    await app.dir.write({'credentials/db': 'from-systemd\n', 'run/token': 'from-file'});
    const environment = {CREDENTIALS_DIRECTORY: app.dir.at('credentials'), PATH: process.env['PATH']};
    const to = {...app.to, environment};
    Object.assign(app.to, to);
    await app.configure(
      [
        'DB=secret:credential:db',
        `TOKEN=secret:file:${app.dir.at('run/token')}`,
        "KEY='secret:command:echo from-command'",
        'PLAIN=secret:thing\n',
      ].join('\n'),
    );
    await app.deploy('1.0.0');
    expect(app.workload().env).toMatchObject({
      DB: 'from-systemd',
      TOKEN: 'from-file',
      KEY: 'from-command',
      PLAIN: 'secret:thing',
    });
    for (const name of (await app.dir.list('shop')).filter((one) => one !== 'current'))
      expect(await app.dir.read(`shop/${name}`)).not.toMatch(/from-(systemd|file|command)\b(?!')/);
  });

  test('whose secrets cannot be read is refused, without a word of them', async () => {
    await using app = await bench();
    await app.configure(
      `A=secret:credential:db\nB=secret:file:/none/here\nC=secret:file:relative\nD='secret:command:echo hunter2; exit 3'\n`,
    );
    const refused = await app.deploy('1.0.0');
    expect(refused.result).toBe('refused');
    expect(refused.because).toBe(
      [
        'config revision 1: A: the secret (credential) cannot be read: CREDENTIALS_DIRECTORY is not set: systemd was not asked for credentials',
        'B: the secret (file) cannot be read: /none/here: ENOENT',
        'C: the secret (file) cannot be read: the path is not absolute',
        'D: the secret (command) cannot be read: the command ended with exit code 3',
      ].join('; '),
    );
  });

  test('another one rolls the same release behind the gate, and a rollback goes back', async () => {
    await using app = await bench();
    const first = {
      files: {'server.js': 'same', 'node_modules/a/index.js': 'a()'},
      keelson: {persistent: ['data']},
    };
    await expectFault(app.reconfigure({text: 'A=1\n'}), 'DEPLOY_CONFIG');
    await app.configure('A=1\n');
    await app.deploy('1.0.0', first);
    const rolled = await app.reconfigure({text: (before) => `${before}B=2\n`, reader: 'here.env', by: 'ada'});
    expect(rolled).toMatchObject({
      result: 'deployed',
      replaced: 1,
      release: {number: 2, version: '1.0.0', config: 2, state: 'good'},
    });
    expect(app.workload()).toMatchObject({cwd: join(app.root, 'releases/2'), env: {A: '1', B: '2'}});
    expect(await readdir(join(app.root, 'current'))).toEqual(await readdir(join(app.root, 'releases/1')));
    const merged = await app.dir.read('shop/.keelson/merged.json');
    expect(JSON.parse(merged)).toMatchObject({
      kind: 'merged',
      release: {number: 2, version: '1.0.0', config: 2},
      settings: {
        keep: {value: 5, from: 'default'},
        persistent: {value: ['data'], from: 'package.json of the app'},
      },
      env: {A: {value: '[redacted]', from: 'here.env'}, B: {value: '[redacted]', from: 'here.env'}},
      formation: [{name: 'web.1'}, {name: 'worker.1'}],
    });
    await writeFile(join(app.root, 'current/data/x'), 'kept');
    expect((await app.look()).journal.slice(-2)).toMatchObject([
      {what: 'config', result: 'added', config: 2, reader: 'here.env', by: 'ada'},
      {what: 'config', result: 'deployed', release: 2, config: 2, revision: 'commit-of-1.0.0'},
    ]);
    app.failures.ready = () => notReady;
    expect(await app.reconfigure({text: 'A=3\n'})).toMatchObject({result: 'refused'});
    expect(app.serving()).toEqual([2]);
    delete app.failures.ready;
    // What was refused, or was taken back, does not come with the next deploy.
    expect((await app.look()).config).toBe(2);
    await app.rollback();
    expect((await app.look()).config).toBe(1);
    expect(app.workload().env).toMatchObject({A: '1'});
    expect(app.workload().env).not.toHaveProperty('B');
    expect(await app.dir.read('shop/current/data/x')).toBe('kept');
  });

  test('comes from a file, a URL with a token, or a commit', async () => {
    await using dir = await testdir({'repo/shop/p.env': 'A=git\n', 'one.env': 'A=file\n'});
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '.'],
      ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x'],
    ])
      await git(dir.at('repo'), ...args);
    const server = createServer((request, response) => {
      if (request.headers.authorization !== 'Bearer t0ken') return void response.writeHead(401).end();
      return void response.end('{"a": "http"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/c?token=hush`;
    try {
      const file = await readConfig(dir.at('one.env'));
      expect(file).toMatchObject({reader: dir.at('one.env'), layer: {values: {A: 'file'}}});
      const http = await readConfig(url, {token: 't0ken'});
      expect(http.layer.values).toEqual({A: 'http'});
      expect(http.reader).not.toContain('hush');
      expect(await configDigest(url, {token: 't0ken'})).toEqual({
        kind: 'config-digest',
        reader: http.reader,
        digest: createHash('sha256').update('{"a": "http"}').digest('hex'),
      });
      await expectFault(configDigest(dir.at('one.env')), 'DEPLOY_CONFIG');
      const denied = await expectFault(readConfig(url), 'DEPLOY_CONFIG');
      expect(denied).toMatchObject({
        message: expect.stringMatching(/\/c answered 401$/),
        hint: 'Look at the token.',
      });
    } finally {
      server.close();
    }
    const fromGit = await readConfig(`git+file://${dir.at('repo')}#main:shop/p.env`);
    expect(fromGit).toMatchObject({
      layer: {values: {A: 'git'}},
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    await expectFault(readConfig(`git+file://${dir.at('repo')}#main:none.env`), 'DEPLOY_CONFIG');
    const secret = readConfig('git+http://u:s3cret@127.0.0.1:1/r.git#main:x');
    const fault = await expectFault(secret, 'DEPLOY_CONFIG');
    expect(fault).toMatchObject({temporary: true, message: expect.not.stringContaining('s3cret')});
    expect((await expectFault(readConfig('git+file:///r.git'), 'DEPLOY_CONFIG')).message).toContain(
      'git+URL#REF:PATH',
    );
    expect(existsSync(dir.at('repo/shop'))).toBe(true);
  });
});

test('assets of earlier releases stay reachable for as many as are kept', async () => {
  await using app = await bench();
  const parts = (name: string) => ({
    files: {
      ...project({assets: {folders: ['public/assets'], keep: 1}}).files,
      [`public/assets/${name}.js`]: name,
    },
  });
  for (const name of ['a', 'b', 'c']) await app.deploy(`1.0.${name.charCodeAt(0)}`, parts(name));
  expect((await readdir(join(app.root, 'current/public/assets'))).toSorted()).toEqual(['b.js', 'c.js']);
});

test('an action that changes dependencies changes those of its own release alone', async () => {
  await using app = await bench();
  const files = {'node_modules/a/index.js': 'a()'};
  await app.deploy('1.0.0', {files});
  const actions = {prepare: 'echo changed > node_modules/a/index.js'};
  await app.deploy('1.1.0', {files: {...files, ...project({actions}).files}});
  expect(await app.dir.read('shop/releases/1/node_modules/a/index.js')).toBe('a()');
  expect(await app.dir.read('shop/releases/2/node_modules/a/index.js')).toBe('changed\n');
  await app.deploy('1.2.0', {files});
  expect(await app.dir.read('shop/current/node_modules/a/index.js')).toBe('a()');
});

test('releases share what lies below node_modules', async () => {
  await using app = await bench();
  const files = {'node_modules/a/index.js': 'a()'};
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await app.deploy(version, {files}, {keep: 2});
  const {releases} = await app.look();
  const keys = new Set(releases.map(({dependencies}) => dependencies));
  expect([keys.size, ...(await readdir(join(app.root, '.keelson/store')))]).toEqual([1, [...keys][0]]);
});
