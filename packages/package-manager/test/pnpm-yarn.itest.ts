import {execFileSync} from 'node:child_process';
import {cpSync, existsSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {afterAll, expect, test} from '@jest/globals';
import {
  install,
  packageManagerVersion,
  prune,
  runScript,
  type PackageManagerLine,
} from '@keelson/package-manager';
import {describeWith, faultOf, testdir, type TestDirectory} from '@keelson/test-kit';
import {fetched, fetchedPath} from './fetched.ts';

type Lock = readonly [string, ...string[]];
const templates = new Map<string, Promise<TestDirectory>>();

afterAll(async () => {
  for (const made of templates.values()) await (await made)[Symbol.asyncDispose]();
});

/** An app with one dependency and one devDependency, both from this disk; each kind is packed and locked once. */
async function app(lock: Lock, fields: object = {}): Promise<TestDirectory> {
  const which = JSON.stringify([lock, fields]);
  const made = templates.get(which) ?? makeApp(lock, fields);
  templates.set(which, made);
  const dir = await testdir();
  cpSync((await made).path, dir.path, {recursive: true});
  return dir;
}

async function makeApp(lock: Lock, fields: object): Promise<TestDirectory> {
  const dir = await testdir({
    'dep/package.json':
      '{"name": "dep", "version": "1.0.0", "scripts": {"install": "node -e process.exit(1)"}}',
    'dev/package.json': '{"name": "dev", "version": "1.0.0", "bin": "cli.js", "license": "MIT"}',
    'dev/cli.js': {mode: 0o755, content: '#!/usr/bin/env node\nconsole.log("dev was here");'},
    'app/package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      scripts: {build: 'dev'},
      dependencies: {dep: 'file:../dep-1.0.0.tgz'},
      devDependencies: {dev: 'file:../dev-1.0.0.tgz'},
      ...fields,
    }),
    'app/.yarnrc.yml': 'nodeLinker: node-modules\n',
  });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', '.', './dep', './dev'], {cwd: dir.path});
  const [program, ...args] = lock;
  // pnpm would ask the registry for itself, for every platform it has; a mirror need not have them all.
  const env = {...process.env, pnpm_config_pm_on_fail: 'ignore'};
  execFileSync(program, args, {cwd: dir.at('app'), env, stdio: 'pipe'});
  return dir;
}

const there = (dir: TestDirectory) =>
  ['dep', 'dev'].filter((name) => existsSync(dir.at(`app/node_modules/${name}`)));

async function installRunPrune(dir: TestDirectory): Promise<object> {
  const lines: string[] = [];
  const onEvent = ({line}: PackageManagerLine) => void lines.push(line);
  await install(dir.at('app'), {onEvent});
  const installed = there(dir);
  await runScript(dir.at('app'), 'build', {onEvent});
  await prune(dir.at('app'), {onEvent});
  return {installed, ran: lines.includes('dev was here'), pruned: there(dir)};
}

const EXPECTED = {installed: ['dep', 'dev'], ran: true, pruned: ['dep']};

describeWith([fetched('pnpm@12.21.0', 'pnpm')], 'pnpm', () => {
  test('installs without running scripts, runs a script, prunes', async () => {
    await using dir = await app(['pnpm', 'install', '--lockfile-only']);
    expect(await installRunPrune(dir)).toEqual(EXPECTED);
  });

  test('says what to do when the lockfile disagrees', async () => {
    await using dir = await app(['pnpm', 'install', '--lockfile-only']);
    await dir.write({
      'app/package.json': '{"name": "app", "dependencies": {"dev": "file:../dev-1.0.0.tgz"}}',
    });
    expect(await faultOf(install(dir.at('app')))).toMatchObject({
      code: 'PM_INSTALL_FAILED',
      hint: 'Run `pnpm install` and commit pnpm-lock.yaml.',
    });
  });
});

describeWith([fetched('yarn@1.22.22', 'yarn')], 'yarn 1', () => {
  test('installs without running scripts, runs a script, prunes', async () => {
    await using dir = await app(['yarn', 'install', '--ignore-scripts']);
    expect(await installRunPrune(dir)).toEqual(EXPECTED);
  });

  test('says what to do when the lockfile disagrees', async () => {
    await using dir = await app(['yarn', 'install', '--ignore-scripts']);
    await dir.write({
      'app/package.json': '{"name": "app", "dependencies": {"other": "file:../dev-1.0.0.tgz"}}',
    });
    expect(await faultOf(install(dir.at('app')))).toMatchObject({
      code: 'PM_INSTALL_FAILED',
      hint: 'Run `yarn install` and commit yarn.lock.',
    });
  });
});

/** Node, npm and the basics; no other package manager. */
async function onlyNpm<T>(dir: TestDirectory, work: () => Promise<T>): Promise<T> {
  const {PATH} = process.env;
  const programs = ['node', 'npm', 'sh', 'env'];
  await dir.write(
    Object.fromEntries(
      programs.map((name) => [
        `bin/${name}`,
        {link: execFileSync('sh', ['-c', `command -v ${name}`], {encoding: 'utf8'}).trim()},
      ]),
    ),
  );
  process.env['PATH'] = dir.at('bin');
  try {
    return await work();
  } finally {
    process.env['PATH'] = PATH;
  }
}

describeWith([fetched('pnpm@12.21.0', 'pnpm')], 'a package manager that is not installed', () => {
  test('comes through npm in the version that package.json names', async () => {
    await using dir = await app(['pnpm', 'install', '--ignore-scripts'], {packageManager: 'pnpm@12.21.0'});
    await rm(dir.at('app/node_modules'), {recursive: true});
    await onlyNpm(dir, async () => {
      expect(await packageManagerVersion(dir.at('app'))).toBe('12.21.0');
      expect(await installRunPrune(dir)).toEqual(EXPECTED);
    });
  });

  test('is missing when package.json names none', async () => {
    await using dir = await app(['pnpm', 'install', '--lockfile-only']);
    await onlyNpm(dir, async () => {
      expect(await faultOf(install(dir.at('app')))).toMatchObject({
        code: 'PM_MISSING',
        hint: expect.stringContaining('packageManager'),
      });
    });
  });
});

const BERRY = '4.18.1';
const [fetchBerry, ...berryArguments] = [
  'npm',
  'exec',
  '--yes',
  `--package=@yarnpkg/cli-dist@${BERRY}`,
  '--',
  'yarn',
] as const;

describeWith([fetchedPath(`@yarnpkg/cli-dist@${BERRY}`, 'yarn') ?? 'yarn 4'], 'yarn 4', () => {
  const berry = () =>
    app([fetchBerry, ...berryArguments, 'install', '--mode=update-lockfile'], {
      packageManager: `yarn@${BERRY}`,
    });

  test('installs without running scripts, runs a script, prunes', async () => {
    await using dir = await berry();
    expect(await packageManagerVersion(dir.at('app'))).toBe(BERRY);
    expect(await installRunPrune(dir)).toEqual(EXPECTED);
  });

  test('installs for production alone', async () => {
    await using dir = await berry();
    await install(dir.at('app'), {production: true});
    expect(there(dir)).toEqual(['dep']);
  });

  test.each([true, false])(
    'says what to do when the lockfile disagrees, production %s',
    async (production) => {
      await using dir = await berry();
      const fields = {
        name: 'app',
        packageManager: `yarn@${BERRY}`,
        dependencies: {dev: 'file:../dev-1.0.0.tgz'},
      };
      await dir.write({'app/package.json': JSON.stringify(fields)});
      expect(await faultOf(install(dir.at('app'), {production}))).toMatchObject({
        code: 'PM_INSTALL_FAILED',
        hint: 'Run `yarn install` and commit yarn.lock.',
      });
    },
  );
});
