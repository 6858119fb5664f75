import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {randomBytes} from 'node:crypto';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {extractArchive, openArchive, verifyTree, writeArchive} from '@keelson/archive';
import {packageRoot, testdir} from '@keelson/test-kit';
import {FACTS} from './facts.ts';

const program = join(packageRoot(import.meta.url), 'test/fixtures/stop-at.mjs');
const TREE = {'a.bin': randomBytes(3_500_000), 'node_modules/b/c.bin': randomBytes(2_500_000), 'z.js': 'z'};

/** Starts a program, kills it with SIGKILL where it says that it is there; what it said. */
async function killedThere(argv: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...argv], {stdio: ['pipe', 'pipe', 'inherit']});
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
    child.kill('SIGKILL');
  });
  await once(child, 'close');
  return said;
}

const plain = (names: readonly string[]) => names.filter((name) => !name.startsWith('.keelson-tmp-'));

// Of the dependencies the first and the last block, then the last of the app.
test.each([1, 3, 7])('killed while packing (block %i), the old archive is still there', async (block) => {
  await using work = await testdir({'app.tgz': 'the one before'});
  await using app = await testdir(TREE);
  const to = work.at('app.tgz');
  const said = await killedThere([
    'pack',
    app.path,
    to,
    'archive:packed',
    String(block),
    JSON.stringify(FACTS),
  ]);
  expect(said).toBe('there\n');
  expect(plain(readdirSync(work.path)).filter((name) => name !== 'app.tgz.cache')).toEqual(['app.tgz']);
  expect(await work.read('app.tgz')).toBe('the one before');
  const target = {facts: FACTS, to, cache: {dir: `${to}.cache`}};
  const {fileDigest} = await writeArchive(app.path, target);
  const cold = await writeArchive(app.path, {facts: FACTS, to: work.at('cold.tgz')});
  expect(fileDigest).toBe(cold.fileDigest);
});

test.each([1, 5])('killed while extracting (chunk %i), there is no tree', async (chunk) => {
  await using work = await testdir();
  await using app = await testdir(TREE);
  await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
  const said = await killedThere([
    'extract',
    work.at('app.tgz'),
    work.at('tree'),
    'archive:extracted',
    String(chunk),
  ]);
  expect(said).toBe('there\n');
  expect(plain(readdirSync(work.path))).toEqual(['app.tgz']);
  await extractArchive(await openArchive(work.at('app.tgz')), work.at('tree'));
  expect((await verifyTree(work.at('tree'))).problems).toEqual([]);
});
