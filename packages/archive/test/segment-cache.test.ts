import {
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {
  verifyArchive,
  writeArchive,
  type Archive,
  type ArchiveTarget,
  type WriteEvent,
} from '@keelson/archive';
import {testdir, type TestDirectory} from '@keelson/test-kit';
import {settlesIn} from '../dist/pack/segment-key.js';
import {FACTS} from './facts.ts';

const SMALL = {
  'package.json': '{"name": "app"}',
  'server.js': 'up()',
  'node_modules/a/index.js': 'a'.repeat(5000),
  'node_modules/a/run': {mode: 0o755, content: '#!'},
  'node_modules/b/index.js': 'b',
  'node_modules/.bin/run': {link: '../a/run'},
  'packages/ws/node_modules/c/index.js': 'c',
  'node_modules/b/empty/': '',
};

type Outcome = Archive & {readonly cache: readonly string[]};

async function pack(
  work: TestDirectory,
  app: string,
  cache: Partial<ArchiveTarget['cache']> & {dir?: string} = {},
  more: Partial<ArchiveTarget> = {},
): Promise<Outcome> {
  const said: string[] = [];
  const onEvent = (event: WriteEvent) => {
    if (event.type === 'archive:cache-used') said.push('used');
    if (event.type === 'archive:cache-missed') said.push(event.because);
  };
  const target = {facts: FACTS, to: work.at('app.tgz'), cache: {dir: work.at('cache'), ...cache}, ...more};
  return {...(await writeArchive(app, target, {onEvent})), cache: said};
}

const segments = (work: TestDirectory) =>
  readdirSync(work.at('cache')).filter((name) => name.endsWith('.segment'));

/** Of a few files that are younger than this program the contents decide, of these many the stamps. */
const LARGE = {
  ...SMALL,
  ...Object.fromEntries(
    Array.from({length: 80}, (_, index) => [`node_modules/many/${index}.js`, `${index}`]),
  ),
};

describe.each([
  ['a few files', SMALL],
  ['many files', LARGE],
])('the cache of compressed dependencies, %s', (_size, TREE) => {
  test('gives the same bytes cold, warm, and without it', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const without = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
    const cold = await pack(work, app.path);
    const warm = await pack(work, app.path);
    expect([cold.cache, warm.cache]).toEqual([[], ['used']]);
    expect([cold.fileDigest, warm.fileDigest]).toEqual([without.fileDigest, without.fileDigest]);
    expect((await verifyArchive(warm)).problems).toEqual([]);
    expect(segments(work)).toHaveLength(1);
    expect(statSync(work.at('cache')).mode & 0o777).toBe(0o700);
  });

  test('is used while only the app changes', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    await pack(work, app.path);
    await app.write({'server.js': 'down()', 'new.js': 'x'});
    const warm = await pack(work, app.path);
    expect(warm.cache).toEqual(['used']);
    const cold = await writeArchive(app.path, {facts: FACTS, to: work.at('cold.tgz')});
    expect(warm.fileDigest).toBe(cold.fileDigest);
  });

  test('is used for dependencies that were installed anew, or copied, when their contents are the same', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const cold = await pack(work, app.path);
    cpSync(app.path, work.at('copy'), {recursive: true, verbatimSymlinks: true});
    const copied = await pack(work, work.at('copy'));
    expect(copied.cache).toEqual(['used']);
    expect(copied.fileDigest).toBe(cold.fileDigest);
    expect(segments(work)).toHaveLength(1);
  });

  const CHANGES: readonly (readonly [string, (app: TestDirectory) => Promise<void> | void])[] = [
    [
      'a file of the same size whose time was put back',
      (app) => {
        const {atimeMs, mtimeMs} = statSync(app.at('node_modules/b/index.js'));
        writeFileSync(app.at('node_modules/b/index.js'), 'B');
        utimesSync(app.at('node_modules/b/index.js'), atimeMs / 1000, mtimeMs / 1000);
      },
    ],
    ['a mode', (app) => app.write({'node_modules/b/index.js': {mode: 0o755, content: 'b'}})],
    ['a file too many', (app) => app.write({'node_modules/b/more.js': ''})],
    ['a file in a workspace', (app) => app.write({'packages/ws/node_modules/c/index.js': 'C'})],
    ['a link', (app) => app.write({'node_modules/.bin/other': {link: '../a/run'}})],
    ['an empty folder', (app) => app.write({'node_modules/empty/': ''})],
  ];
  test.each(CHANGES)('is not used after a change of %s', async (_title, change) => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const before = await pack(work, app.path);
    await change(app);
    const after = await pack(work, app.path);
    expect(after.cache).toEqual([]);
    expect(after.fileDigest).not.toBe(before.fileDigest);
    expect((await verifyArchive(after)).problems).toEqual([]);
    const cold = await writeArchive(app.path, {facts: FACTS, to: work.at('cold.tgz')});
    expect(after.fileDigest).toBe(cold.fileDigest);
  });

  test('is not used for another level or another time', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    await pack(work, app.path);
    for (const more of [{level: 1}, {modifiedAt: 7}]) {
      const other = await pack(work, app.path, {}, more);
      expect(other.cache).toEqual([]);
      const {fileDigest} = await writeArchive(app.path, {facts: FACTS, to: work.at('cold.tgz'), ...more});
      expect(other.fileDigest).toBe(fileDigest);
    }
  });

  test('believes contents only, not times, when told to verify', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const good = await pack(work, app.path);
    await using other = await testdir({...TREE, 'node_modules/b/index.js': 'B'});
    await pack(work, other.path);
    // As if times could lie: the note of the one points to the segment of the other.
    const notes = readdirSync(work.at('cache')).filter((name) => name.endsWith('.note'));
    const texts = notes.map((name) => readFileSync(work.at(`cache/${name}`), 'latin1'));
    for (const [index, name] of notes.entries()) writeFileSync(work.at(`cache/${name}`), texts[1 - index]!);
    expect((await pack(work, app.path)).fileDigest).not.toBe(good.fileDigest);
    const verified = await pack(work, app.path, {verify: true});
    expect(verified.cache).toEqual(['used']);
    expect(verified.fileDigest).toBe(good.fileDigest);
    expect((await pack(work, app.path)).fileDigest).toBe(good.fileDigest);
  });

  test.each([
    ['cut off', (path: string) => truncateSync(path, statSync(path).size - 5)],
    ['cut off to nothing', (path: string) => truncateSync(path, 0)],
    [
      'with a flipped bit',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[20]! ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    ['of something else', (path: string) => writeFileSync(path, randomBytes(500))],
  ])('is not believed when its file is %s', async (_title, damage) => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const good = await pack(work, app.path);
    damage(join(work.at('cache'), segments(work)[0]!));
    const again = await pack(work, app.path);
    expect(again.cache).toEqual([]);
    expect(again.fileDigest).toBe(good.fileDigest);
    expect((await pack(work, app.path)).cache).toEqual(['used']);
  });

  test('lets the one go that was not used for longest', async () => {
    await using work = await testdir();
    const apps = await Promise.all(
      ['1', '2', '3'].map((name) =>
        testdir({'node_modules/a/x': randomBytes(10_000), 'node_modules/a/name': name}),
      ),
    );
    const use = async (index: number) => (await pack(work, apps[index]!.path, {maxBytes: 25_000})).cache;
    const age = () => {
      for (const name of readdirSync(work.at('cache'))) {
        const {mtimeMs} = statSync(work.at(`cache/${name}`));
        utimesSync(work.at(`cache/${name}`), mtimeMs / 1000 - 60, mtimeMs / 1000 - 60);
      }
    };
    const used: unknown[] = [];
    for (const index of [0, 1, 0, 2, 0, 1]) {
      used.push((await use(index)).length);
      age();
    }
    expect(used).toEqual([0, 0, 1, 0, 1, 0]);
    expect(segments(work)).toHaveLength(2);
    expect((await pack(work, apps[0]!.path, {maxBytes: 100, dir: work.at('small')})).cache).toEqual([]);
    expect(existsSync(work.at('small'))).toBe(true);
    for (const app of apps) await app[Symbol.asyncDispose]();
  });

  test('is no reason to fail where it cannot be', async () => {
    await using work = await testdir({cache: 'a file'});
    await using app = await testdir(TREE);
    const {cache, fileDigest} = await pack(work, app.path);
    expect(cache.join()).toMatch(/ENOTDIR|EEXIST/);
    const cold = await writeArchive(app.path, {facts: FACTS, to: work.at('cold.tgz')});
    expect(fileDigest).toBe(cold.fileDigest);
  });

  test('can be shared by builds at the same time', async () => {
    await using work = await testdir();
    await using app = await testdir(TREE);
    const to = ['a.tgz', 'b.tgz', 'c.tgz', 'd.tgz'];
    const archives = await Promise.all(to.map((name) => pack(work, app.path, {}, {to: work.at(name)})));
    expect(new Set(archives.map(({fileDigest}) => fileDigest)).size).toBe(1);
    expect(segments(work)).toHaveLength(1);
    expect(readdirSync(work.at('cache')).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

test.each([
  [0n, 20_000_000n, undefined], // whole seconds: a clock that knows no fractions
  [1_000_000_001n, 1_000_000_002n, 20],
  [1_000_000_001n, 1_015_000_001n, 6],
  [1_000_000_001n, 1_020_000_001n, 0],
  [5_000_000_001n, 1_000_000_000n, undefined], // a clock ahead of ours
  [1_000_000_000n, 3_000_000_000n, 0],
])('a stamp of %d can be trusted %d: after %p ms', (changedAt, now, wait) => {
  expect(settlesIn(changedAt, now)).toBe(wait);
});
