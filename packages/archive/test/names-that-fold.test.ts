import {readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {gunzipSync} from 'node:zlib';
import {describe, expect, test} from '@jest/globals';
import {
  extractArchive,
  openArchive,
  readEntries,
  unpackTarball,
  verifyArchive,
  verifyTree,
  writeArchive,
} from '@keelson/archive';
import {expectFault, testdir} from '@keelson/test-kit';
import {sameWhenFolded} from '../dist/name-guard.js';
import {FACTS} from './facts.ts';
import {rawTar} from './raw-tar.ts';

// JSONStream and jsonstream are both on npm, and packages hold README.md and readme.md.
const TREE = {
  'package.json': '{}',
  'node_modules/JSONStream/index.js': 'one',
  'node_modules/jsonstream/index.js': 'another',
  'node_modules/a/README.md': 'a',
  'node_modules/a/readme.md': 'b',
  'node_modules/b/caf\u00e9.js': 'nfc',
  'node_modules/b/cafe\u0301.js': 'nfd',
};
const FOLDING = [
  'node_modules/JSONStream',
  'node_modules/a/README.md',
  'node_modules/a/readme.md',
  'node_modules/b/cafe\u0301.js',
  'node_modules/b/caf\u00e9.js',
  'node_modules/jsonstream',
];

async function built() {
  const work = await testdir();
  await using app = await testdir(TREE);
  return {work, archive: await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')})};
}

describe('dependencies whose names differ by case or Unicode form alone', () => {
  test('are packed, listed, verified and extracted', async () => {
    const {work: all, archive} = await built();
    await using work = all;
    const tar = gunzipSync(readFileSync(archive.path)).toString();
    expect(JSON.parse(tar.slice(512, tar.indexOf('\0', 512)))).toMatchObject({caseSensitive: FOLDING});
    expect((await verifyArchive(archive)).problems).toEqual([]);
    await extractArchive(archive, work.at('out'));
    expect((await verifyTree(work.at('out'))).problems).toEqual([]);
    expect(await work.read('out/node_modules/a/README.md')).toBe('a');
    expect(await work.read('out/node_modules/a/readme.md')).toBe('b');
    await extractArchive(await openArchive(work.at('out')), work.at('copy'));
    await extractArchive(await openArchive(work.at('copy')), work.at('moved'), {move: true});
    expect((await verifyTree(work.at('moved'))).digest).toBe(archive.digest);
  });

  test('are refused when keelson.json does not say so', async () => {
    const {work: all, archive} = await built();
    await using work = all;
    await extractArchive(archive, work.at('out'));
    const text = await work.read('out/keelson.json');
    const value = JSON.parse(text) as {caseSensitive?: string[]};
    delete value.caseSensitive;
    const contents = (await readEntries(archive)).map(({path}) => ({
      name: `package/${path}`,
      content: readFileSync(work.at(`out/${path}`)),
    }));
    writeFileSync(
      work.at('liar.tar'),
      rawTar([{name: 'package/keelson.json', content: JSON.stringify(value)}, ...contents]),
    );
    for (const attempt of [
      extractArchive(await openArchive(work.at('liar.tar')), work.at('new')),
      verifyArchive(await openArchive(work.at('liar.tar'))),
      unpackTarball(work.at('liar.tar'), work.at('new')),
      unpackTarball(archive.path, work.at('new')),
    ]) {
      const fault = await expectFault(attempt, 'ARCHIVE_UNSAFE_ENTRY');
      expect(fault.message).toMatch(/only by case or Unicode form/);
    }
    expect(readdirSync(work.path)).not.toContain('new');
  });

  test('are refused twice by the same name all the same', async () => {
    const {work: all, archive} = await built();
    await using work = all;
    const tar = gunzipSync(readFileSync(archive.path)).subarray(0, -1024);
    writeFileSync(
      work.at('twice.tar'),
      Buffer.concat([tar, rawTar([{name: 'package/node_modules/a/readme.md', content: 'c'}])]),
    );
    const fault = await expectFault(
      extractArchive(await openArchive(work.at('twice.tar')), work.at('new')),
      'ARCHIVE_UNSAFE_ENTRY',
    );
    expect(fault.message).toMatch(/"package\/node_modules\/a\/readme.md" is there twice/);
  });
});

test('sameWhenFolded pairs those that fold to one', () => {
  expect(sameWhenFolded(['a', 'B', 'b', 'c', 'A', '\u00e9', 'e\u0301'])).toEqual([
    ['b', 'B'],
    ['B', 'b'],
    ['A', 'a'],
    ['a', 'A'],
    ['e\u0301', '\u00e9'],
    ['\u00e9', 'e\u0301'],
  ]);
});
