import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {expect} from '@jest/globals';
import {extractArchive, readEntries, type Archive} from '@keelson/archive';
import {buildArchive, openForBuild, type BuildEvent, type BuildOptions} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

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

let vendor: Promise<TestDirectory> | undefined;

async function makeVendor(): Promise<TestDirectory> {
  const dir = await testdir({...dep('1.0.0'), ...dep('2.0.0'), 'vendor/': ''});
  const args = ['pack', '--silent', '--pack-destination', 'vendor', './dep1.0.0', './dep2.0.0'];
  execFileSync('npm', args, {cwd: dir.path});
  return dir;
}

export async function removeVendor(): Promise<void> {
  await (await vendor)?.[Symbol.asyncDispose]();
}

/** The workspaces with their lockfile, and nothing installed. @param own how a workspace is named in another one */
export async function repository(
  own: string,
  root: object,
  lock: (cwd: string) => void,
): Promise<TestDirectory> {
  vendor ??= makeVendor();
  const dir = await testdir(workspaces(own, root));
  execFileSync('cp', ['-r', (await vendor).at('vendor'), dir.path]);
  lock(dir.path);
  execFileSync('find', [dir.path, '-name', 'node_modules', '-prune', '-exec', 'rm', '-rf', '{}', '+']);
  return dir;
}

export async function build(dir: TestDirectory, options: BuildOptions): Promise<Archive> {
  await using checkout = await openForBuild(parseSource(dir.path), {build: options});
  return await buildArchive(checkout, {out: dir.at('api.tgz'), ...options});
}

/** Built, the sources gone, extracted elsewhere and started. */
export async function started(dir: TestDirectory): Promise<object> {
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

/** What it prints, and holds. */
export const STARTED = {
  own: '2.0.0',
  lib: '1.0.0',
  deep: 7,
  file: '/node_modules/@all/lib/dist/index.js',
  tool: 'tool 2.0.0\n',
  dep: '2.0.0',
  protocols: null,
};

export const NPM_ROOT = {workspaces: ['apps/*', 'packages/*']};

export function rmOthers(dir: TestDirectory, ...paths: readonly string[]): void {
  for (const path of paths) rmSync(dir.at(path));
}
