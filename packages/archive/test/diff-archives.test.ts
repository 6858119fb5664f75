import {expect, test} from '@jest/globals';
import {diffArchives, extractArchive, openArchive, writeArchive} from '@keelson/archive';
import {testdir, type Tree} from '@keelson/test-kit';
import {differenceLines} from '../dist/difference/difference-lines.js';
import {isPackageManifest} from '../dist/installed-package.js';
import {FACTS} from './facts.ts';

const pkg = (name: string, version: string) => JSON.stringify({name, version});
const BEFORE: Tree = {
  'a.js': 'a',
  'gone.js': 'x',
  'bin/run': {mode: 0o755, content: '#!'},
  l: {link: 'a.js'},
  swapped: {link: 'a.js'},
  'node_modules/one/package.json': pkg('one', '1.0.0'),
  'node_modules/@s/two/package.json': pkg('@s/two', '2.0.0'),
  'node_modules/left/package.json': pkg('left', '1.0.0'),
  'node_modules/same/package.json': pkg('same', '1.0.0'),
};
const AFTER: Tree = {
  'a.js': 'aa',
  'new.js': 'n',
  'bin/run': {mode: 0o644, content: '#!/'},
  l: {link: 'bin/run'},
  swapped: 'file',
  'node_modules/one/package.json': pkg('one', '1.1.0'),
  'node_modules/@s/two/package.json': pkg('@s/two', '2.0.1'),
  'node_modules/one/node_modules/came/package.json': pkg('came', '3.0.0'),
  'node_modules/same/package.json': pkg('same', '1.0.0'),
};

test.each(['files', 'folders'])('diffArchives tells packages, files, links and modes of %s', async (form) => {
  await using work = await testdir();
  const open = async (tree: Tree, name: string) => {
    await using app = await testdir(tree);
    const archive = await writeArchive(app.path, {facts: FACTS, to: work.at(`${name}.tgz`)});
    if (form === 'files') return archive;
    await extractArchive(archive, work.at(name));
    return openArchive(work.at(name));
  };
  const [from, to] = [await open(BEFORE, 'before'), await open(AFTER, 'after')];
  const difference = await diffArchives(from, to);
  expect(JSON.parse(JSON.stringify(difference))).toEqual(difference);
  expect(difference).toMatchObject({same: false, from: {digest: from.digest}, to: {digest: to.digest}});
  expect([...differenceLines(difference)]).toEqual([
    '- node_modules/left 1.0.0',
    '+ node_modules/one/node_modules/came 3.0.0',
    '~ node_modules/@s/two 2.0.0 -> 2.0.1',
    '~ node_modules/one 1.0.0 -> 1.1.0',
    '- gone.js',
    '- node_modules/left/package.json',
    '+ new.js',
    '+ node_modules/one/node_modules/came/package.json',
    '~ a.js: content',
    '~ bin/run: content, mode 755 -> 644',
    '~ l: a.js -> bin/run',
    '~ node_modules/@s/two/package.json: content',
    '~ node_modules/one/package.json: content',
    '~ swapped: link -> file',
  ]);
  const same = await diffArchives(from, from);
  expect(same).toMatchObject({same: true, added: [], removed: [], changed: [], bytes: 0});
});

test.each([
  ['node_modules/a/package.json', true],
  ['node_modules/@s/a/package.json', true],
  ['packages/x/node_modules/a/package.json', true],
  ['node_modules/a/node_modules/b/package.json', true],
  ['node_modules/.pnpm/a@1.0.0/node_modules/a/package.json', true],
  ['package.json', false],
  ['node_modules/a/esm/package.json', false],
  ['node_modules/@s/package.json', false],
  ['x/package.json', false],
])('%s is a package: %p', (path, is) => {
  expect(isPackageManifest(path)).toBe(is);
});
