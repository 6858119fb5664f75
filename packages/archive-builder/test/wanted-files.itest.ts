import {describe, expect, test} from '@jest/globals';
import {readEntries} from '@keelson/archive';
import {buildArchive} from '@keelson/archive-builder';
import {openSource, parseSource} from '@keelson/source';
import {testdir, type Tree} from '@keelson/test-kit';

const TREE: Tree = {
  Procfile: 'web: node lib/app.js\n',
  '.gitignore': 'lib\n',
  'lib/app.js': '',
  'lib/app.test.js': '',
  'lib/latest': {link: 'app.js'},
  'docs/guide.md': '',
  'docs/latest': {link: 'guide.md'},
  'node_modules/dep/index.js': '',
  'node_modules/dep/README.md': '',
  'node_modules/dep/package.json': '{"files": ["nothing"]}',
};

/** What goes into the archive of that tree with these files more. */
async function packed(more: Tree, fields: object = {}): Promise<string[]> {
  await using dir = await testdir({
    ...TREE,
    'package.json': JSON.stringify({name: 'app', version: '1.0.0', ...fields}),
    ...more,
  });
  await using checkout = await openSource(parseSource(dir.path), {installed: true});
  const archive = await buildArchive(checkout, {out: dir.at('a.tar'), install: false});
  return (await readEntries(archive)).map(({path}) => path);
}

const all = Object.keys(TREE);
const without = (...paths: string[]) =>
  expect.arrayContaining([...all.filter((path) => !paths.includes(path)), 'package.json']);

const CASES: readonly (readonly [title: string, more: Tree, fields: object, out: readonly string[]])[] = [
  ['no rules: everything, also what git ignores', {}, {}, []],
  [
    'files of package.json: what it lists, its links, dependencies whole, and what a release needs',
    {},
    {files: ['lib']},
    ['docs/guide.md', 'docs/latest', '.gitignore'],
  ],
  [
    '.npmignore',
    {'.npmignore': 'docs\n*.test.js\n'},
    {},
    ['docs/guide.md', 'docs/latest', 'lib/app.test.js', '.gitignore'],
  ],
  [
    '.keelsonignore, which alone counts then, reaches into dependencies and takes exceptions',
    {'.keelsonignore': '*.md\n!docs/guide.md\nProcfile\n/lib/*.test.js\n', '.npmignore': 'docs\n'},
    {files: ['nothing']},
    ['node_modules/dep/README.md', 'lib/app.test.js'],
  ],
];

describe('the rules of the app', () => {
  test.each(CASES)('%s', async (_title, more, fields, out) => {
    const paths = await packed(more, fields);
    expect(paths).toEqual(without(...out));
    expect(paths.filter((path) => out.includes(path))).toEqual([]);
    expect(paths).not.toContain('.keelsonignore');
  });
});
