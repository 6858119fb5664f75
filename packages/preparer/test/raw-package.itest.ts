import {execFileSync} from 'node:child_process';
import {existsSync, lstatSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {chmod, chown, mkdir, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {openApp, prepare, type PrepareEvent, type PrepareOptions} from '@keelson/preparer';
import {describeAsAnother, describeWith, expectFault, testdir, type TestDirectory} from '@keelson/test-kit';

/** Says where and as whom it ran, and what it saw. */
const SCRIPT = `require('fs').writeFileSync('seen.json', JSON.stringify({uid: process.getuid(), env: Object.keys(process.env), cwd: process.cwd()}))`;

const NEEDS = {dependencies: {dep: 'file:dep.tgz'}, devDependencies: {dev: 'file:dev.tgz'}};

/** An app `app` with a dependency that has an install script and a devDependency, both from this disk, and a lockfile of npm's. */
async function rawApp(script = SCRIPT): Promise<TestDirectory> {
  const dir = await testdir({
    'dep/package/package.json': JSON.stringify({
      name: 'dep',
      version: '1.0.0',
      scripts: {install: 'node install.js'},
    }),
    'dep/package/install.js': script,
    'dep/package/index.js': 'module.exports = 1;',
    'dev/package/package.json': JSON.stringify({name: 'dev', version: '1.0.0'}),
    'app/package.json': JSON.stringify({name: 'shop', version: '1.0.0', ...NEEDS}),
    'app/package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: {
        '': {name: 'shop', version: '1.0.0', ...NEEDS},
        'node_modules/dep': {version: '1.0.0', resolved: 'file:dep.tgz', hasInstallScript: true},
        'node_modules/dev': {version: '1.0.0', resolved: 'file:dev.tgz', dev: true},
      },
    }),
    'app/Procfile': 'web: node server.js\n',
    'app/server.js': 'require("dep");',
    'app/.env': 'SECRET=1',
  });
  for (const name of ['dep', 'dev'])
    execFileSync('tar', ['czf', dir.at(`app/${name}.tgz`), '-C', dir.at(name), 'package']);
  return dir;
}

async function prepared(path: string, into: string, options: PrepareOptions = {}) {
  const events: PrepareEvent[] = [];
  const onEvent = (event: PrepareEvent) => void events.push(event);
  const app = await prepare(await openApp(path), into, {allowRoot: true, onEvent, ...options});
  return {app, types: new Set(events.map(({type}) => type))};
}

const seen = (dir: string) =>
  JSON.parse(readFileSync(join(dir, 'node_modules/dep/seen.json'), 'utf8')) as {
    uid: number;
    env: string[];
    cwd: string;
  };

describeWith(['npm', 'tar'], 'a package that was not built', () => {
  test('gets what its lockfile says, shared with the one before while the lockfile is the same', async () => {
    await using dir = await rawApp();
    const store = dir.at('store');
    process.env['KEELSON_TEST_SECRET'] = 'hush';
    const first = await prepared(dir.at('app'), dir.at('1'), {store}).finally(
      () => delete process.env['KEELSON_TEST_SECRET'],
    );
    expect(first.app).toMatchObject({kind: 'prepared', rebuilt: ['dep'], dependencies: {reused: false}});
    expect(first.app.digest).toMatch(/^sha256-[0-9a-f]{64}$/);
    const ran = seen(dir.at('1'));
    expect(ran.env).toContain('PATH');
    expect(ran.env.filter((name) => /SECRET|JEST|NODE_OPTIONS/.test(name))).toEqual([]);
    expect(ran.cwd).toBe(dir.at('1/node_modules/dep'));
    expect(existsSync(dir.at('1/node_modules/dev'))).toBe(false);
    expect(existsSync(dir.at('1/.env'))).toBe(false);

    await dir.write({
      'app/package.json': JSON.stringify({name: 'shop', version: '2.0.0', ...NEEDS}),
      'app/new.js': '',
    });
    const second = await prepared(dir.at('app'), dir.at('2'), {store});
    expect(second.app).toMatchObject({rebuilt: [], dependencies: {...first.app.dependencies, reused: true}});
    expect(second.types).not.toContain('prepare:installed');
    expect(second.app.digest).not.toBe(first.app.digest);
    const file = 'node_modules/dep/index.js';
    expect(statSync(dir.at(`2/${file}`)).ino).toBe(statSync(dir.at(`1/${file}`)).ino);
    expect(lstatSync(dir.at(`2/${file}`)).mode & 0o222).toBe(0);
    expect(await dir.list('2')).toEqual([...(await dir.list('1')), 'new.js'].toSorted());
    expect(await readdir(store)).toEqual([first.app.dependencies!.key]);

    await chmod(dir.at('1/node_modules/dep/index.js'), 0o644);
    writeFileSync(dir.at('1/node_modules/dep/index.js'), 'steal();');
    const third = await prepared(dir.at('app'), dir.at('3'), {store});
    expect(third.app.dependencies).toMatchObject({reused: false});
    expect(third.types).toContain('prepare:installed');
    expect(await dir.read('3/node_modules/dep/index.js')).toBe('module.exports = 1;');
  });

  test('whose install script fails leaves nothing, and says which', async () => {
    await using dir = await rawApp('process.exit(7)');
    const fault = await expectFault(prepared(dir.at('app'), dir.at('into')), 'PREPARE_REBUILD_FAILED');
    expect(fault.message).toContain('dep: install scripts failed');
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test('whose lockfile says something else leaves nothing', async () => {
    await using dir = await rawApp();
    await dir.write({
      'app/package.json': '{"name":"shop","dependencies":{"dep":"file:dep.tgz","other":"file:dev.tgz"}}',
    });
    const fault = await expectFault(prepared(dir.at('app'), dir.at('into')), 'PREPARE_INSTALL_FAILED');
    expect(fault.message).toContain('npm');
    expect(existsSync(dir.at('into'))).toBe(false);
  });

  test('whose files npm could not write, and only warned of that, leaves nothing: neither in the store', async () => {
    await using dir = await rawApp();
    const warning = 'npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write';
    const npm = `#!/bin/sh\nmkdir -p node_modules/dep; echo "${warning}" >&2; echo "added 1 package"\n`;
    await dir.write({'bin/npm': npm});
    await chmod(dir.at('bin/npm'), 0o755);
    const nodeFor = async () => ({version: process.versions.node, program: dir.at('bin/node')});
    const attempt = prepared(dir.at('app'), dir.at('into'), {store: dir.at('store'), nodeFor});
    expect(await expectFault(attempt, 'PREPARE_INSTALL_FAILED')).toMatchObject({
      temporary: true,
      message: expect.stringContaining('ENOSPC: no space left on device'),
    });
    expect([existsSync(dir.at('into')), existsSync(dir.at('store'))]).toEqual([false, false]);
  });

  test('in a tarball is a package, too', async () => {
    await using dir = await testdir({'app/package.json': '{"name": "shop"}', 'app/Procfile': 'web: node .'});
    execFileSync('tar', ['czf', dir.at('raw.tgz'), '-C', dir.path, 'app']);
    const {app} = await prepared(dir.at('raw.tgz'), dir.at('into'));
    expect(app).toMatchObject({rebuilt: [], procfile: {types: [{name: 'web'}]}});
  });
});

describeAsAnother(['npm', 'tar'], 'as root, a package that was not built', () => {
  const NOBODY = 65_534;

  test('runs its scripts as the user who is named, and its tree stays ours', async () => {
    await using dir = await rawApp();
    await chmod(dir.path, 0o755);
    await prepared(dir.at('app'), dir.at('into'), {allowRoot: false, user: 'nobody'});
    expect(seen(dir.at('into'))).toMatchObject({uid: NOBODY});
    expect(lstatSync(dir.at('into/node_modules/dep/seen.json')).uid).toBe(0);
    await mkdir(dir.at('closed'), {mode: 0o700});
    const unreachable = prepared(dir.at('app'), dir.at('closed/into'), {allowRoot: false, user: 'nobody'});
    expect((await expectFault(unreachable, 'PREPARE_NEEDS_USER')).message).toContain('is closed to the user');
    const unknown = prepared(dir.at('app'), dir.at('into'), {user: 'nobody-at-all'});
    expect((await expectFault(unknown, 'PREPARE_NEEDS_USER')).message).toContain('"nobody-at-all"');
  });

  test('runs them as the owner of the folder', async () => {
    await using dir = await rawApp();
    await chmod(dir.path, 0o755);
    await mkdir(dir.at('his'));
    await chown(dir.at('his'), NOBODY, NOBODY);
    await prepared(dir.at('app'), dir.at('his/into'), {allowRoot: false});
    expect(seen(dir.at('his/into'))).toMatchObject({uid: NOBODY});
  });

  test('does not run them as root unless that is allowed', async () => {
    await using dir = await rawApp();
    const attempt = prepared(dir.at('app'), dir.at('into'), {allowRoot: false});
    expect(await expectFault(attempt, 'PREPARE_NEEDS_USER')).toMatchObject({
      message: expect.stringContaining('install scripts of dep'),
      hint: expect.stringContaining('--user'),
    });
    expect(existsSync(dir.at('into'))).toBe(false);
  });
});
