import {readdirSync} from 'node:fs';
import {readFile, writeFile} from 'node:fs/promises';
import {expect, test} from '@jest/globals';
import {createKeyPair, writeArchive} from '@keelson/archive';
import {bin, runBin, testdir} from '@keelson/test-kit';
import {FACTS} from './facts.ts';

const program = bin('archive');

async function built() {
  const work = await testdir();
  await using app = await testdir({
    'a.js': 'a',
    'bin/x': {mode: 0o755, content: 'abc'},
    l: {link: 'a.js'},
  });
  const archive = await writeArchive(app.path, {facts: FACTS, to: work.at('app.tgz')});
  return {work, archive};
}

test('list prints a line for each entry', async () => {
  const {work: all, archive} = await built();
  await using work = all;
  const listed = await runBin(program, ['list', 'app.tgz'], {cwd: work.path});
  expect(listed).toMatchObject({code: 0, stderr: ''});
  expect(listed.stdout).toBe(
    ['644          1 a.js', '755          3 bin/x', 'link         - l -> a.js', ''].join('\n'),
  );
  const piped = await runBin(program, ['list', '-', '--json'], {input: JSON.stringify(archive)});
  expect(JSON.parse(piped.stdout)).toHaveLength(3);
});

test('verify says yes with 0 and no with 1', async () => {
  const {work: all, archive} = await built();
  await using work = all;
  const good = await runBin(program, ['verify', 'app.tgz'], {cwd: work.path});
  expect(good).toMatchObject({code: 0, stdout: `${archive.path} is what it says: ${archive.digest}\n`});
  await runBin(program, ['extract', 'app.tgz', 'out'], {cwd: work.path});
  await writeFile(work.at('out/a.js'), 'b');
  const bad = await runBin(program, ['verify', 'out', '--json'], {cwd: work.path});
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.stdout)).toMatchObject({problems: [{path: 'a.js', because: 'has other content'}]});
});

test('extract makes the tree, and its value is the archive in its new form', async () => {
  const {work: all, archive} = await built();
  await using work = all;
  const {code, stdout} = await runBin(program, ['extract', 'app.tgz', 'new/out', '--json'], {cwd: work.path});
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    form: 'directory',
    path: work.at('new/out'),
    digest: archive.digest,
  });
  expect(await readFile(work.at('new/out/bin/x'), 'utf8')).toBe('abc');
  const again = await runBin(program, ['extract', 'app.tgz', 'new/out'], {cwd: work.path});
  expect(again).toMatchObject({code: 1, stdout: ''});
  expect(again.stderr).toMatch(/is not empty/);
});

test('a hostile file is one line on stderr, and nothing is left', async () => {
  await using work = await testdir({'x.tgz': 'no tarball'});
  const {code, stderr} = await runBin(program, ['extract', 'x.tgz', 'out'], {cwd: work.path});
  expect(code).toBe(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readdirSync(work.path)).toEqual(['x.tgz']);
});

test('key, sign and verify --key say who signed, and 1 when nobody did', async () => {
  const {work: all, archive} = await built();
  await using work = all;
  const run = (...argv: string[]) => runBin(program, argv, {cwd: work.path});
  const made = await run('key', 'build.key', '--json');
  const {keyId} = JSON.parse(made.stdout) as {keyId: string};
  expect(await run('verify', 'app.tgz', '--key', 'build.key.pub')).toMatchObject({code: 1, stderr: ''});
  const signed = await run('sign', 'app.tgz', '--key', 'build.key');
  expect(signed).toMatchObject({code: 0, stdout: `${archive.path}.sig\n`, stderr: ''});
  const verified = await run('verify', 'app.tgz', '--key', 'build.key.pub');
  expect(verified).toMatchObject({
    code: 0,
    stdout: `${archive.path} is what it says: ${archive.digest}\nsigned with the key ${keyId}\n`,
  });
  const value = await run('verify', 'app.tgz', '--key', 'build.key.pub', '--json');
  expect(JSON.parse(value.stdout)).toMatchObject({problems: [], signature: {valid: true, keyId}});
  const again = await run('key', 'build.key');
  expect(again).toMatchObject({code: 1, stdout: ''});
  expect(again.stderr).toMatch(/never overwritten/);
  expect((await run('verify', 'app.tgz', '--signature', 'x')).code).toBe(2);
});

test('diff prints what differs and exits 1, and nothing and 0', async () => {
  const {work: all} = await built();
  await using work = all;
  await using app = await testdir({'a.js': 'b', 'bin/x': {mode: 0o755, content: 'abc'}, l: {link: 'a.js'}});
  await writeArchive(app.path, {facts: FACTS, to: work.at('other.tar')});
  const run = (...argv: string[]) => runBin(program, ['diff', ...argv], {cwd: work.path});
  expect(await run('app.tgz', 'other.tar')).toMatchObject({code: 1, stdout: '~ a.js: content\n', stderr: ''});
  expect(await run('app.tgz', 'app.tgz')).toMatchObject({code: 0, stdout: '', stderr: ''});
  const {stdout} = await run('app.tgz', 'other.tar', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'archive-difference',
    changed: [{path: 'a.js', what: ['content']}],
  });
});

test('verify says what was asked of dependencies; provenance writes the statement', async () => {
  await using work = await testdir();
  await using app = await testdir({'a.js': 'a'});
  const dependencies = {
    installScripts: {ran: ['x@1.0.0'], heldBack: []},
    signatures: {verified: 3},
    minReleaseAge: {days: 7, packages: 4},
  };
  await writeArchive(app.path, {facts: {...FACTS, dependencies}, to: work.at('app.tgz')});
  const verified = await runBin(program, ['verify', 'app.tgz'], {cwd: work.path});
  expect(verified.stdout.split('\n').slice(1)).toEqual([
    'install scripts that ran: x@1.0.0; held back: none',
    'signatures of registries: 3 packages verified',
    'released at least 7 days before the build: 4 packages',
    '',
  ]);
  const {stdout} = await runBin(program, ['verify', 'app.tgz', '--json'], {cwd: work.path});
  expect(JSON.parse(stdout)).toMatchObject({kind: 'verification', problems: [], dependencies});
  const written = await runBin(program, ['provenance', 'app.tgz'], {cwd: work.path});
  expect(written).toMatchObject({code: 0, stdout: `${work.at('app.tgz.intoto.json')}\n`});
  const verify = ['verify', 'app.tgz', '--key', 'b.key.pub', '--provenance', 'app.tgz.intoto.json'];
  const {keyId} = createKeyPair(work.at('b.key'));
  const bare = await runBin(program, verify, {cwd: work.path});
  expect(bare).toMatchObject({code: 1, stdout: expect.stringMatching(/its provenance is not signed\n$/)});
  await runBin(program, ['provenance', 'app.tgz', '--key', 'b.key'], {cwd: work.path});
  const signed = await runBin(program, [...verify, '--json'], {cwd: work.path});
  expect(signed.code).toBe(0);
  expect(JSON.parse(signed.stdout)).toMatchObject({provenance: {valid: true, keyId}});
  expect(JSON.parse(signed.stdout)).not.toHaveProperty('signature');
  const missing = await runBin(program, ['provenance', 'app.tgz', '--key', 'no.key'], {cwd: work.path});
  expect(missing).toMatchObject({code: 1, stderr: expect.stringMatching(/no\.key is not there/)});
});
