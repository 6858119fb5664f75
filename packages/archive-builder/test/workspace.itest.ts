import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals';
import {extractArchive, openArchive, readEntries, type Archive} from '@keelson/archive';
import {buildArchive, openForBuild, type BuildEvent, type BuildOptions} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {bin, describeWith, faultOf, runBin, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';
import {otherManager} from './other-manager.ts';

const json = JSON.stringify;
const dep = (version: string): Tree => ({
  [`dep${version}/package.json`]: json({
    name: 'dep',
    version,
    bin: {'dep-tool': 'tool.js'},
    main: 'index.js',
  }),
  [`dep${version}/index.js`]: `module.exports = '${version}';`,
  [`dep${version}/tool.js`]: {mode: 0o755, content: `#!/usr/bin/env node\nconsole.log('tool ${version}');`},
});
const copy = (from: string, to: string) =>
  `node -e "require('fs').cpSync('${from}', 'dist/${to}', {recursive: true})"`;

/** Two apps, a library that both versions of dep lie between, and one that nobody needs. @param own how a workspace is named in another one */
function workspaces(own: string, root: object): Tree {
  const file = (version: string) => `file:../../vendor/dep-${version}.tgz`;
  return {
    'package.json': json({name: 'all', version: '0.0.0', private: true, ...root}),
    'pnpm-workspace.yaml': 'packages:\n  - apps/*\n  - packages/*\n',
    '.yarnrc.yml': 'nodeLinker: node-modules\nenableGlobalCache: true\n',
    '.npmrc': 'audit=false\n',
    'apps/api/package.json': json({
      name: '@all/api',
      version: '1.2.3',
      scripts: {build: copy('server.js', 'server.js')},
      dependencies: {dep: file('2.0.0'), '@all/lib': own},
      devDependencies: {'@all/config': own},
      keelson: {required: ['TOKEN']},
    }),
    'apps/api/server.js': `
      const lib = require('@all/lib');
      console.log(JSON.stringify({own: require('dep'), lib: lib.dep, deep: lib.deep, file: lib.file}));`,
    'apps/api/Procfile': 'web: node dist/server.js\n',
    'apps/api/.env': 'SECRET=1',
    'apps/web/package.json': json({name: '@all/web', version: '1.0.0', dependencies: {'@all/unused': own}}),
    'packages/lib/package.json': json({
      name: '@all/lib',
      version: '3.1.0',
      main: 'dist/index.js',
      files: ['dist'],
      scripts: {build: copy('src/index.js', 'index.js')},
      dependencies: {dep: file('1.0.0'), '@all/deep': own},
    }),
    'packages/lib/src/index.js':
      "module.exports = {dep: require('dep'), deep: require('@all/deep'), file: __filename};",
    'packages/lib/.env': 'SECRET=1',
    'packages/deep/package.json': json({
      name: '@all/deep',
      version: '0.1.0',
      main: 'made.js',
      scripts: {
        build: "node -e \"require('fs').writeFileSync('made.js', 'module.exports = 7;')\"",
      },
    }),
    'packages/config/package.json': json({name: '@all/config', version: '1.0.0'}),
    'packages/unused/package.json': json({name: '@all/unused', version: '1.0.0', scripts: {build: 'exit 1'}}),
  };
}

let vendor: TestDirectory;
beforeAll(async () => {
  vendor = await testdir({...dep('1.0.0'), ...dep('2.0.0'), 'vendor/': ''});
  for (const version of ['1.0.0', '2.0.0'])
    execFileSync('npm', ['pack', '--silent', '--pack-destination', vendor.at('vendor')], {
      cwd: vendor.at(`dep${version}`),
    });
});
afterAll(async () => await vendor[Symbol.asyncDispose]());

async function repository(own: string, root: object, lock: (cwd: string) => void): Promise<TestDirectory> {
  const dir = await testdir(workspaces(own, root));
  execFileSync('cp', ['-r', vendor.at('vendor'), dir.path]);
  lock(dir.path);
  execFileSync('find', [dir.path, '-name', 'node_modules', '-prune', '-exec', 'rm', '-rf', '{}', '+']);
  return dir;
}

async function build(dir: TestDirectory, options: BuildOptions): Promise<Archive> {
  await using checkout = await openForBuild(parseSource(dir.path), {build: options});
  return await buildArchive(checkout, {out: dir.at('api.tgz'), ...options});
}

/** Built, the sources gone, extracted elsewhere and started. */
async function started(dir: TestDirectory): Promise<object> {
  const events: BuildEvent[] = [];
  const archive = await build(dir, {workspace: 'api', onEvent: (event) => void events.push(event)});
  expect(archive.manifest).toMatchObject({
    name: '@all/api',
    version: '1.2.3',
    scripts: ['build'],
    processTypes: ['web'],
    required: ['TOKEN'],
  });
  expect(events.filter(({type}) => type === 'build:script-ran')).toEqual([
    {type: 'build:script-ran', name: 'build', workspace: 'packages/deep'},
    {type: 'build:script-ran', name: 'build', workspace: 'packages/lib'},
    {type: 'build:script-ran', name: 'build'},
  ]);
  expect((await readEntries(archive)).map(({path}) => path)).toEqual([
    'Procfile',
    'dist/server.js',
    'keelson.cdx.json',
    'node_modules/.bin/dep-tool',
    'node_modules/@all/deep/made.js',
    'node_modules/@all/deep/package.json',
    'node_modules/@all/lib/dist/index.js',
    'node_modules/@all/lib/node_modules/.bin/dep-tool',
    'node_modules/@all/lib/node_modules/dep/index.js',
    'node_modules/@all/lib/node_modules/dep/package.json',
    'node_modules/@all/lib/node_modules/dep/tool.js',
    'node_modules/@all/lib/package.json',
    'node_modules/dep/index.js',
    'node_modules/dep/package.json',
    'node_modules/dep/tool.js',
    'package.json',
    'server.js',
  ]);
  const again = await build(dir, {workspace: 'apps/api', out: dir.at('again.tgz')});
  expect(again.fileDigest).toBe(archive.fileDigest);

  await using elsewhere = await testdir();
  await extractArchive(archive, elsewhere.at('app'));
  for (const name of ['apps', 'packages', 'vendor']) rmSync(dir.at(name), {recursive: true});
  const cwd = elsewhere.at('app');
  const printed = execFileSync('node', ['dist/server.js'], {cwd, encoding: 'utf8'});
  const manifest = await elsewhere.read('app/package.json');
  return {
    ...(JSON.parse(printed.replace(cwd, '')) as object),
    tool: execFileSync('node_modules/.bin/dep-tool', {cwd, encoding: 'utf8'}),
    dep: (JSON.parse(manifest) as {dependencies: {dep: string}}).dependencies.dep,
    protocols: manifest.match(/\b(workspace|file):/g),
  };
}

const STARTED = {
  own: '2.0.0',
  lib: '1.0.0',
  deep: 7,
  file: '/node_modules/@all/lib/dist/index.js',
  tool: 'tool 2.0.0\n',
  dep: '2.0.0',
  protocols: null,
};

const NPM_ROOT = {workspaces: ['apps/*', 'packages/*']};
const npm = () =>
  repository('*', NPM_ROOT, (cwd) =>
    execFileSync('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund'], {cwd, stdio: 'pipe'}),
  );
const pnpm = otherManager('pnpm', '12.21.0');
const yarn = otherManager('yarn', '1.22.22');
const berry = otherManager('yarn', '4.18.1');

describe('one workspace of several, with nothing but what it needs', () => {
  test('npm', async () => {
    await using dir = await npm();
    await rmOthers(dir, 'pnpm-workspace.yaml', '.yarnrc.yml');
    expect(await started(dir)).toEqual(STARTED);
  });

  describeWith([pnpm.program], 'pnpm', () => {
    test('runs elsewhere', async () => {
      await using dir = await repository('workspace:*', {packageManager: pnpm.field}, (cwd) =>
        pnpm.run(cwd, 'install', '--lockfile-only'),
      );
      expect(await started(dir)).toEqual(STARTED);
    });
  });

  describeWith([yarn.program], 'yarn 1', () => {
    test('runs elsewhere', async () => {
      await using dir = await repository('*', {...NPM_ROOT, packageManager: yarn.field}, (cwd) =>
        yarn.run(cwd, 'install', '--ignore-scripts', '--no-progress'),
      );
      await rmOthers(dir, 'pnpm-workspace.yaml', '.yarnrc.yml');
      expect(await started(dir)).toEqual(STARTED);
    });
  });

  describeWith([berry.program], 'yarn 4', () => {
    test('runs elsewhere', async () => {
      await using dir = await repository('workspace:*', {...NPM_ROOT, packageManager: berry.field}, (cwd) =>
        berry.run(cwd, 'install', '--mode=update-lockfile'),
      );
      await rmOthers(dir, 'pnpm-workspace.yaml');
      expect(await started(dir)).toEqual(STARTED);
    });
  });
});

async function rmOthers(dir: TestDirectory, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) rmSync(dir.at(path));
}

describe('--workspace', () => {
  test('takes a place, a name, or the end of either; what it cannot tell it names', async () => {
    await using dir = await testdir({
      'package.json': '{"name": "all", "workspaces": ["*/*"]}',
      'apps/api/package.json': '{"name": "@all/first", "version": "1.0.0"}',
      'other/api/package.json': '{"name": "@all/second", "version": "1.0.0"}',
    });
    const program = bin('archive-builder');
    const name = async (workspace: string) => {
      const args = ['-n', '--json', '-w', workspace];
      const {stdout} = await runBin(program, args, {cwd: dir.path});
      const value = JSON.parse(stdout) as {name?: string; error?: {message: string; hint: string}};
      return value.name ?? `${value.error?.message} ${value.error?.hint}`;
    };
    expect(await name('apps/api')).toBe('@all/first');
    expect(await name('./other/api/')).toBe('@all/second');
    expect(await name('@all/second')).toBe('@all/second');
    expect(await name('first')).toBe('@all/first');
    expect(await name('api')).toMatch(
      /several workspaces "api".*@all\/first \(apps\/api\), @all\/second \(other\/api\)/,
    );
    expect(await name('nope')).toMatch(/no workspace "nope".*@all\/first \(apps\/api\)/);
  });

  test('a secret in a workspace that it needs stops the build; a dependency that is not installed, too', async () => {
    await using dir = await npm();
    await rmOthers(dir, 'pnpm-workspace.yaml', '.yarnrc.yml');
    await dir.write({'packages/deep/store.p12': ''});
    expect(await faultOf(build(dir, {workspace: 'api'}))).toMatchObject({
      code: 'BUILD_SECRET',
      message: expect.stringContaining('packages/deep/store.p12: a key store'),
    });
    const contents = {allowSecrets: ['packages/deep/store.p12']};
    expect(await build(dir, {workspace: 'api', contents})).toMatchObject({kind: 'archive'});
    rmSync(dir.at('api.tgz'));
    expect(await faultOf(build(dir, {workspace: 'api', install: false, scripts: []}))).toMatchObject({
      code: 'BUILD_WORKSPACE',
      message: 'apps/api depends on dep, which is not installed',
    });
    expect(await dir.list()).not.toContain('api.tgz');
    expect((await openArchive((await build(dir, {workspace: 'web', scripts: []})).path)).manifest.name).toBe(
      '@all/web',
    );
  });
});
