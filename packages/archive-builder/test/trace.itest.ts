import {execFileSync} from 'node:child_process';
import {describe, expect, test} from '@jest/globals';
import {extractArchive, readEntries} from '@keelson/archive';
import {buildArchive, openForBuild, planBuild, type BuildOptions} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {expectFault, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const pkg = (name: string, fields: object = {}) => JSON.stringify({name, version: '1.0.0', ...fields});
const APP: Tree = {
  'package.json': pkg('app', {scripts: {serve: 'node -r ./preload.js lib/main.js'}}),
  'package-lock.json': '{}',
  Procfile: 'web: NODE_ENV=production npm run serve -- --port $PORT\ntool: tool --fast\nshim: shim start\n',
  'preload.js': '',
  'lib/main.js': `
    require('used');
    console.log(require('fs').readFileSync(require('path').join(__dirname, 'page.html'), 'utf8'));`,
  'lib/page.html': 'a page',
  'lib/old.js': '',
  'public/style.css': 'p {}',
  'node_modules/used/package.json': pkg('used', {main: 'index.js'}),
  'node_modules/used/index.js': "module.exports = require('./part.js');",
  'node_modules/used/part.js': '',
  'node_modules/used/docs/long.md': 'long',
  'node_modules/unused/package.json': pkg('unused'),
  'node_modules/unused/index.js': '',
  'node_modules/unused/build/Release/x.node': 'no add-on of this machine',
  'node_modules/tool-of-one/package.json': pkg('tool-of-one', {bin: {tool: 'cli.js'}}),
  'node_modules/tool-of-one/cli.js': {mode: 0o755, content: '#!/usr/bin/env node\nconsole.log("tool");'},
  'node_modules/shimmed/package.json': pkg('shimmed', {bin: {shim: 'bin/shim'}}),
  'node_modules/shimmed/bin/shim': '#!/usr/bin/env node\nrequire("../lib");',
  'node_modules/shimmed/lib.js': '',
  // As pnpm writes it.
  'node_modules/.bin/shim': {
    mode: 0o755,
    content: '#!/bin/sh\nbasedir=$(dirname "$0")\nexec node  "$basedir/../shimmed/bin/shim" "$@"\n',
  },
  'node_modules/.bin/tool': {link: '../tool-of-one/cli.js'},
};

async function traced(dir: TestDirectory, options: BuildOptions['contents'] = {}) {
  const build = {install: false, scripts: [], contents: {trace: true, ...options}};
  await using checkout = await openForBuild(parseSource(dir.at('app')), {build});
  return await buildArchive(checkout, {...build, out: dir.at('app.tgz')});
}

const inApp = (tree: Tree) =>
  Object.fromEntries(Object.entries(tree).map(([path, file]) => [`app/${path}`, file]));

describe('--trace', () => {
  test('packs what the process types reach, manifests, and what is asked for; it runs elsewhere', async () => {
    await using dir = await testdir(inApp(APP) as Tree);
    const archive = await traced(dir, {include: ['public']});
    expect((await readEntries(archive)).map(({path}) => path)).toEqual([
      'Procfile',
      'keelson.cdx.json',
      'lib/main.js',
      'lib/page.html',
      'node_modules/.bin/shim',
      'node_modules/.bin/tool',
      'node_modules/shimmed/bin/shim',
      'node_modules/shimmed/lib.js',
      'node_modules/shimmed/package.json',
      'node_modules/tool-of-one/cli.js',
      'node_modules/tool-of-one/package.json',
      'node_modules/used/index.js',
      'node_modules/used/package.json',
      'node_modules/used/part.js',
      'package-lock.json',
      'package.json',
      'preload.js',
      'public/style.css',
    ]);
    await extractArchive(archive, dir.at('out'));
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, {cwd: dir.at('out'), encoding: 'utf8'});
    expect(run('node', '-r', './preload.js', 'lib/main.js')).toBe('a page\n');
    expect(run('node_modules/.bin/tool')).toBe('tool\n');
    const bill = await dir.read('out/keelson.cdx.json');
    expect(bill.match(/pkg:npm\/[\w-]+/g)).not.toContain('pkg:npm/unused');
    expect((await traced(dir, {include: ['public']})).fileDigest).toBe(archive.fileDigest);
  });

  test('without a Procfile it begins with what package.json starts', async () => {
    const {Procfile: _, ...tree} = APP;
    const fields = {main: 'lib/main', scripts: {}};
    await using dir = await testdir(inApp({...tree, 'package.json': pkg('app', fields)}) as Tree);
    const paths = (await readEntries(await traced(dir))).map(({path}) => path);
    expect(paths).toContain('lib/page.html');
    expect(paths).not.toContain('preload.js');
  });

  test('a dry run lists what there is when the rest is missing, and says so', async () => {
    await using dir = await testdir(inApp(APP) as Tree);
    const contents = {trace: true};
    const plan = await planBuild(parseSource(dir.at('app')), {contents});
    expect(plan.missing).toEqual({dependencies: true, scripts: [], tracing: true});
    expect(plan.files.map(({path}) => path)).toContain('lib/old.js');
    const whole = await planBuild(parseSource(dir.at('app')), {contents, install: false});
    expect(whole.missing).toEqual({dependencies: false, scripts: [], tracing: false});
    expect(whole.excluded).toContainEqual({path: 'lib/old.js', because: 'no process type reaches it'});
  });

  test('a command that names no file of the app stops it', async () => {
    await using dir = await testdir(inApp({...APP, Procfile: 'web: caddy run\n'}) as Tree);
    const fault = await expectFault(traced(dir), 'BUILD_TRACE');
    expect(fault.message).toMatch(/web \("caddy run"\) names no file of the app/);
  });
});
