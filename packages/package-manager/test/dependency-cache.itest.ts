import {execFileSync} from 'node:child_process';
import {cpSync, readdirSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from '@jest/globals';
import {install, prune, returnInstalled} from '@keelson/package-manager';
import {describeWith} from '@keelson/test-kit';
import {
  cacheIn,
  checkout,
  installed,
  NPM,
  PNPM,
  removeTemplates,
  template,
  testMoves,
  testTheRest,
  withoutPrograms,
  YARN,
} from './cache-behaviour.ts';
import {fetched} from './fetched.ts';

afterAll(removeTemplates);

const pnpm = fetched('pnpm@12.21.0', 'pnpm');
const yarn = fetched('yarn@1.22.22', 'yarn');

// The rest of it with pnpm and yarn is in the soak.
describe('the cache of installed trees, npm', () => {
  testMoves(NPM);
  testTheRest(NPM);
});
describeWith([pnpm], 'the cache of installed trees, pnpm', () => testMoves(PNPM));
describeWith([yarn], 'the cache of installed trees, yarn', () => testMoves(YARN));

describeWith(['npm'], 'a spare tree in the cache', () => {
  test.each([
    ['is written to while nobody has it', 'trees/node_modules/kept-dep/index.js', 'changed\n'],
    ['has lost its note', 'note.json', '{"folders": ['],
  ])('that %s gives the tree that was installed', async (_title, path, content) => {
    await using dir = await template(NPM);
    const cache = await cacheIn(dir);
    const [first, second, third] = ['first', 'second', 'third'].map((name) => checkout(dir, name)) as [
      string,
      string,
      string,
    ];
    await install(first, {cache});
    const tree = installed(first);
    await returnInstalled(first, {cache});
    const [entry] = readdirSync(cache.folder);
    writeFileSync(join(cache.folder, entry!, 'spare', path), content);
    for (const folder of [second, third]) {
      expect(await install(folder, {cache})).toBe(true);
      expect(installed(folder)).toEqual(tree);
      await returnInstalled(folder, {cache});
    }
  });
});

describeWith(['npm'], 'a cache that cannot be written', () => {
  test('costs time and nothing else, and a line says so', async () => {
    await using dir = await template(NPM);
    const [first, second] = [checkout(dir, 'first'), checkout(dir, 'second')];
    const cache = await cacheIn(dir);
    await dir.write({'in-the-way': 'a file where the folder would be'});
    const lines: string[] = [];
    const nowhere = {cache: {...cache, folder: dir.at('in-the-way')}};
    expect(await install(first, {...nowhere, onEvent: ({line}) => lines.push(line)})).toBe(false);
    expect(lines.at(-1)).toMatch(/^The dependencies are not kept for the next build: .*in-the-way/);
    await prune(first, nowhere);
    expect(Object.keys(installed(first)).join()).toMatch(/^(?!.*kept-dev).*kept-dep/);

    // It takes the trees, and then no plan of what pruning removes.
    await install(second, {cache});
    const [entry] = readdirSync(cache.folder);
    writeFileSync(join(cache.folder, entry!, 'prune'), 'in the way');
    await prune(second, {cache});
    expect(installed(second)).toEqual(installed(first));
  });
});

describeWith([pnpm], 'the cache of a workspace of pnpm', () => {
  test('holds the links between its packages, unless what they lead to has other programs', async () => {
    await using dir = await template(PNPM);
    await dir.write({
      'app/pnpm-workspace.yaml': 'packages: [packages/*]\n',
      'app/packages/lib/package.json': '{"name": "lib", "version": "1.0.0", "bin": "cli.js"}',
      'app/packages/lib/cli.js': {mode: 0o755, content: '#!/usr/bin/env node\n'},
      'app/packages/web/package.json': JSON.stringify({
        name: 'web',
        version: '1.0.0',
        dependencies: {lib: 'workspace:*', 'kept-dep': 'file:../../../kept-dep-1.0.0.tgz'},
      }),
    });
    execFileSync('pnpm', ['install', '--lockfile-only'], {
      cwd: dir.at('app'),
      env: process.env,
      stdio: 'pipe',
    });
    expect(await dir.read('app/pnpm-lock.yaml')).toContain('link:../lib');
    const cache = await cacheIn(dir);
    const copy = (name: string) => {
      cpSync(dir.at('app'), dir.at(name), {recursive: true});
      return dir.at(name);
    };
    expect(await install(copy('first'), {cache})).toBe(false);
    const second = copy('second');
    expect(await withoutPrograms(() => install(second, {cache}))).toBe(true);
    for (const folder of ['', 'packages/web'])
      expect(installed(join(second, folder))).toEqual(installed(dir.at(join('first', folder))));
    expect(realpathSync(join(second, 'packages/web/node_modules/lib'))).toBe(
      realpathSync(join(second, 'packages/lib')),
    );

    const third = copy('third');
    rmSync(join(third, 'packages/lib/cli.js'));
    expect(await install(third, {cache})).toBe(false);
  });
});
