import {execFileSync} from 'node:child_process';
import {cpSync, existsSync, readdirSync} from 'node:fs';
import {afterAll, describe, expect, test} from '@jest/globals';
import {
  detectPackageManager,
  install,
  packageManagerVersion,
  packagesWithScripts,
  prune,
  rebuild,
  runScript,
  type PackageManagerLine,
} from '@keelson/package-manager';
import {alive, faultOf, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

// As under `npm run --silent`: what npm says must reach us all the same.
process.env['npm_config_loglevel'] = 'silent';

const MARK = `node -e "require('fs').writeFileSync('ran.txt', process.env.NODE_ENV ?? 'unset')"`;

let template: Promise<TestDirectory> | undefined;

afterAll(async () => {
  await (await template)?.[Symbol.asyncDispose]();
});

/** Packages from this disk, as tarballs: a real installation without a registry. npm packs and locks them once. */
async function makeTemplate(): Promise<TestDirectory> {
  const named = (name: string, version: string, more: object) => JSON.stringify({name, version, ...more});
  const dir = await testdir({
    'packages/dep/package.json': named('dep', '1.0.0', {scripts: {install: MARK}}),
    'packages/dep/index.js': 'module.exports = 1;',
    'packages/other/package.json': named('other', '1.0.0', {scripts: {postinstall: MARK}}),
    'packages/dev/package.json': named('dev', '2.0.0', {bin: 'cli.js'}),
    'packages/dev/cli.js': '#!/usr/bin/env node\nconsole.log("dev was here");',
    'app/vendor/': '',
    'app/package.json': named('app', '1.0.0', {
      scripts: {
        build: 'dev && node build.js',
        env: 'node -e "console.log(JSON.stringify(process.env))"',
        fail: 'node -e "console.log(1); console.error(\'the reason\'); process.exit(7)"',
        preinstall: MARK,
        postinstall: MARK,
      },
      dependencies: {dep: 'file:vendor/dep-1.0.0.tgz', other: 'file:vendor/other-1.0.0.tgz'},
      devDependencies: {dev: 'file:vendor/dev-2.0.0.tgz'},
    }),
    'app/build.js': 'console.log("built with " + process.env.NODE_ENV);',
  });
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync('npm', args, {cwd: dir.at(cwd), stdio: 'pipe'});
  npm('packages', 'pack', '--pack-destination', dir.at('app/vendor'), './dep', './other', './dev');
  npm('app', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund');
  return dir;
}

async function app(more: Tree = {}): Promise<TestDirectory> {
  template ??= makeTemplate();
  const dir = await testdir();
  cpSync((await template).at('app'), dir.at('app'), {recursive: true});
  await dir.write(more);
  return dir;
}

const installed = (dir: TestDirectory) =>
  readdirSync(dir.at('app/node_modules')).filter((name) => !name.startsWith('.'));

describe('npm', () => {
  test('install, run, prune, rebuild', async () => {
    await using dir = await app();
    const path = dir.at('app');
    const lockfile = await dir.read('app/package-lock.json');
    const lines: PackageManagerLine[] = [];
    const onEvent = (line: PackageManagerLine) => void lines.push(line);
    const manager = await detectPackageManager(path);
    const printed = execFileSync('npm', ['--version'], {encoding: 'utf8'}).trim();
    expect(await packageManagerVersion(path, {manager})).toBe(printed);

    await install(path, {onEvent, manager});
    expect(installed(dir)).toEqual(['dep', 'dev', 'other']);
    expect(existsSync(dir.at('app/ran.txt'))).toBe(false);
    expect(existsSync(dir.at('app/node_modules/dep/ran.txt'))).toBe(false);
    expect(lines.some(({line}) => line.includes('added 3 packages'))).toBe(true);
    expect(await packagesWithScripts(path)).toEqual(['dep', 'other']);

    lines.length = 0;
    await runScript(path, 'build', {onEvent});
    expect(lines.map(({line}) => line)).toEqual(expect.arrayContaining(['dev was here']));

    await prune(path);
    expect(installed(dir)).toEqual(['dep', 'other']);
    expect(await dir.read('app/package-lock.json')).toBe(lockfile);

    await rebuild(path, ['dep']);
    expect(existsSync(dir.at('app/node_modules/dep/ran.txt'))).toBe(true);
    expect(existsSync(dir.at('app/node_modules/other/ran.txt'))).toBe(false);
    expect(existsSync(dir.at('app/ran.txt'))).toBe(false);
  });

  test('installs for production alone', async () => {
    await using dir = await app();
    await install(dir.at('app'), {production: true});
    expect(installed(dir)).toEqual(['dep', 'other']);
  });

  test('installs devDependencies whatever NODE_ENV, .npmrc and the environment of an outer npm say', async () => {
    await using dir = await app({'app/.npmrc': 'omit=dev\nproduction=true\n'});
    const program = `
      import {install, runScript} from '@keelson/package-manager';
      await install(process.argv[1]);
      await runScript(process.argv[1], 'env', {onEvent: ({line}) => line.startsWith('{') && console.log(line)});`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', program, dir.at('app')], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NPM_CONFIG_PRODUCTION: 'true',
        npm_config_omit: 'dev',
        npm_config_global: 'true',
        npm_config_dry_run: 'true',
        npm_lifecycle_event: 'outer',
        INIT_CWD: '/outer',
      },
    });
    expect(installed(dir)).toEqual(['dep', 'dev', 'other']);
    const env = JSON.parse(printed) as Record<string, string>;
    expect(env).toMatchObject({NODE_ENV: 'production', npm_lifecycle_event: 'env', INIT_CWD: dir.at('app')});
  });

  test('a lockfile that disagrees says what to do', async () => {
    await using dir = await app();
    const manifest = JSON.parse(await dir.read('app/package.json')) as Record<string, unknown>;
    await dir.write({
      'app/package.json': JSON.stringify({
        ...manifest,
        devDependencies: {},
        dependencies: {dev: 'file:vendor/dev-2.0.0.tgz', more: 'file:vendor/dep-1.0.0.tgz'},
      }),
    });
    const fault = await faultOf(install(dir.at('app')));
    expect(fault).toMatchObject({
      code: 'PM_INSTALL_FAILED',
      temporary: false,
      message: expect.stringMatching(
        / in .*: package.json and package-lock.json disagree\n  (Missing|Invalid): /,
      ),
      hint: 'Run `npm install` and commit package-lock.json.',
    });
  });

  test('a package that is not the one in the lockfile is refused', async () => {
    await using dir = await app();
    const lockfile = await dir.read('app/package-lock.json');
    await dir.write({
      'app/package-lock.json': lockfile.replace(/"integrity": "sha512-....../, '"integrity": "sha512-AAAAAA'),
    });
    const fault = await faultOf(install(dir.at('app')));
    expect(fault).toMatchObject({
      code: 'PM_INSTALL_FAILED',
      hint: expect.stringMatching(/not the one that package-lock.json names/),
    });
  });

  test('a registry that cannot be reached is a temporary fault', async () => {
    await using dir = await testdir({
      'package.json': JSON.stringify({name: 'app', dependencies: {'is-number': '7.0.0'}}),
      '.npmrc': 'registry=http://127.0.0.1:9/\nfetch-retries=0\ncache=./cache\n',
      'package-lock.json': JSON.stringify({
        name: 'app',
        lockfileVersion: 3,
        packages: {
          '': {name: 'app', dependencies: {'is-number': '7.0.0'}},
          'node_modules/is-number': {
            version: '7.0.0',
            resolved: 'http://127.0.0.1:9/is-number/-/is-number-7.0.0.tgz',
          },
        },
      }),
    });
    const fault = await faultOf(install(dir.path));
    expect(fault).toMatchObject({code: 'PM_INSTALL_FAILED', temporary: true});
  });

  test('a failing script: its exit code and last lines', async () => {
    await using dir = await app();
    const fault = await faultOf(runScript(dir.at('app'), 'fail'));
    expect(fault).toMatchObject({
      code: 'PM_SCRIPT_FAILED',
      lines: expect.arrayContaining(['1', 'the reason']),
    });
    expect(fault.message).toContain(`the script "fail" failed with exit code 7 in ${dir.at('app')}:\n`);
    expect(fault.message).toContain('\n  the reason');
  });

  test('a script that is not there names those that are', async () => {
    await using dir = await testdir({
      'package.json': '{"name": "app", "scripts": {"start": "x", "test": "y"}}',
    });
    expect(await faultOf(runScript(dir.path, 'biuld'))).toMatchObject({
      code: 'PM_SCRIPT_FAILED',
      message: `package.json of ${dir.path} has no script "biuld"`,
      hint: 'There are: start, test.',
    });
  });

  test('dependencies without a lockfile are refused; no dependencies need none', async () => {
    await using dir = await testdir({'package.json': '{"name": "app", "dependencies": {"dep": "1.0.0"}}'});
    expect(await faultOf(install(dir.path))).toMatchObject({
      code: 'PM_NO_LOCKFILE',
      hint: expect.stringContaining('npm install'),
    });
    await dir.write({'package.json': '{"name": "app"}'});
    await install(dir.path);
    await prune(dir.path);
    expect(await dir.list()).toEqual(['package.json']);
  });

  test('nothing runs on after an abort', async () => {
    await using dir = await testdir({
      'package.json': JSON.stringify({name: 'app', scripts: {build: 'node build.js'}}),
      'build.js': `require('fs').writeFileSync('pid', String(process.pid)); console.log('up'); setInterval(() => {}, 1000);`,
    });
    const controller = new AbortController();
    const reason = new Error('enough');
    const onEvent = ({line}: PackageManagerLine) => line === 'up' && controller.abort(reason);
    await expect(runScript(dir.path, 'build', {signal: controller.signal, onEvent})).rejects.toBe(reason);
    const pid = Number(await dir.read('pid'));
    expect(alive(pid)).toBe(false);
  });
});

test('the version is that of the npm on PATH, also of one that is no npm-cli.js', async () => {
  await using dir = await testdir({
    'package.json': '{"name": "app"}',
    'bin/npm': {mode: 0o755, content: '#!/bin/sh\necho 9.8.7\n'},
  });
  const {PATH} = process.env;
  process.env['PATH'] = `${dir.at('bin')}:${PATH}`;
  try {
    expect(await packageManagerVersion(dir.path)).toBe('9.8.7');
  } finally {
    process.env['PATH'] = PATH;
  }
});

describe('what cannot be done', () => {
  test('a package manager that is not installed', async () => {
    await using dir = await testdir({
      'package.json': '{"name": "app", "packageManager": "pnpm@10.0.0"}',
      'pnpm-lock.yaml': '',
      'install.mjs': `
        import {install} from ${JSON.stringify(import.meta.resolve('@keelson/package-manager'))};
        try { await install(process.argv[2]); } catch ({code, hint}) { console.log(code, hint); }`,
    });
    const printed = execFileSync(process.execPath, [dir.at('install.mjs'), dir.path], {
      env: {...process.env, PATH: '/nowhere'},
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe('PM_MISSING It comes with Node.');
  });
});
