import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {lstatSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, expect, test} from '@jest/globals';
import {
  openArchive,
  readEntries,
  unpackTarball,
  verifyArchive,
  writeArchive,
  type Archive,
} from '@keelson/archive';
import {describeWith, git, testdir, type TestDirectory} from '@keelson/test-kit';
import {FACTS} from './facts.ts';

const TREE = {
  'package.json': '{"name": "app", "version": "1.2.3"}',
  'bin/start': {mode: 0o755, content: '#!/bin/sh\n'},
  'lib/\u00fcber/\u{1f600}.js': 'astral',
  [`node_modules/${'deep/'.repeat(25)}index.js`]: 'fits into prefix and name',
  [`node_modules/${'deep/'.repeat(60)}index.js`]: 'fits into neither',
  [`node_modules/${'n'.repeat(200)}.js`]: 'nor does this',
  'node_modules/.bin/dep': {link: `../${'n'.repeat(200)}.js`},
  'node_modules/.bin/short': {link: '../../bin/start'},
  'node_modules/big.bin': Buffer.alloc(2_500_000, 'big'),
  'empty.txt': '',
  'tmp/empty/': '',
};

const opened: TestDirectory[] = [];
afterAll(() => Promise.all(opened.map((dir) => dir[Symbol.asyncDispose]())));

async function built(name: string): Promise<{work: TestDirectory; archive: Archive}> {
  const work = await testdir({'out/': ''});
  opened.push(work);
  await using app = await testdir(TREE);
  return {work, archive: await writeArchive(app.path, {facts: FACTS, to: work.at(name)})};
}

/** The digest of what another program made of it. */
async function digestOfOut(work: TestDirectory): Promise<string> {
  expect(lstatSync(work.at('out/package/tmp/empty')).isDirectory()).toBe(true);
  rmSync(work.at('out/package/keelson.json'));
  return (await writeArchive(work.at('out/package'), {facts: FACTS, to: work.at('again.tar')})).digest;
}

const BSDTAR = 'bsdtar';
const FORMATS = ['app.tgz', 'app.tar', 'app.tar.zst'];

describeWith(['tar', 'zstd'], 'GNU tar', () => {
  test.each(FORMATS)('reads %s', async (name) => {
    const {work, archive} = await built(name);
    const argv = ['-xf', archive.path, '-C', work.at('out'), '--warning=no-timestamp'];
    const said = execFileSync('tar', [...argv, ...(name.endsWith('.zst') ? ['--zstd'] : [])], {
      encoding: 'utf8',
    });
    expect(said).toBe('');
    expect(await digestOfOut(work)).toBe(archive.digest);
  });
});

describeWith(['bsdtar'], 'bsdtar', () => {
  test.each(FORMATS)('reads %s', async (name) => {
    const {work, archive} = await built(name);
    // It writes names in the characters of the locale, which need not have these.
    const env = {...process.env, LC_ALL: 'C.UTF-8'};
    execFileSync(BSDTAR, ['-xf', archive.path, '-C', work.at('out')], {env});
    expect(await digestOfOut(work)).toBe(archive.digest);
  });
});

describeWith(['python3'], "Python's tarfile", () => {
  test('reads a stream of it to its end', async () => {
    const {work, archive} = await built('app.tgz');
    const program = [
      'import sys, tarfile',
      'tarfile.open(fileobj=open(sys.argv[1], "rb"), mode="r|gz").extractall(sys.argv[2])',
    ].join('\n');
    execFileSync('python3', ['-W', 'ignore', '-c', program, archive.path, work.at('out')]);
    expect(await digestOfOut(work)).toBe(archive.digest);
  });
});

describeWith(['npm'], 'npm', () => {
  test('installs it', async () => {
    const {work, archive} = await built('app.tgz');
    await work.write({'site/package.json': '{"private": true}'});
    const argv = ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', archive.path];
    execFileSync('npm', argv, {cwd: work.at('site'), stdio: 'pipe'});
    const there = (path: string) => work.at(`site/node_modules/app/${path}`);
    for (const entry of await readEntries(archive)) {
      if (entry.mode === 'link') continue; // npm takes none
      const sum = createHash('sha256')
        .update(readFileSync(there(entry.path)))
        .digest('hex');
      expect([entry.path, sum]).toEqual([entry.path, entry.sha256]);
    }
  });
});

describeWith(['zstd', 'tar', 'gzip'], 'what others packed', () => {
  test.each([
    ['gnu', '--format=gnu', '-z'],
    ['pax', '--format=posix', '-z'],
    ['zstd', '--format=posix', '--zstd'],
    ['plain', '--format=gnu', '--no-auto-compress'],
  ])('is read: %s', async (_title, ...flags) => {
    const work = await testdir(
      Object.fromEntries(Object.entries(TREE).map(([path, file]) => [`in/${path}`, file])),
    );
    opened.push(work);
    execFileSync('tar', ['-cf', work.at('x'), ...flags, '-C', work.path, 'in']);
    await unpackTarball(work.at('x'), work.at('out'));
    const one = await writeArchive(work.at('in'), {facts: FACTS, to: work.at('one.tar')});
    const two = await writeArchive(work.at('out'), {facts: FACTS, to: work.at('two.tar')});
    expect(two.fileDigest).toBe(one.fileDigest);
  });
});

describeWith(['zstd'], 'a .tar.zst', () => {
  test('is the same archive, opened and verified', async () => {
    const {archive} = await built('app.tar.zst');
    const {archive: tgz} = await built('app.tgz');
    expect(archive.digest).toBe(tgz.digest);
    const {fileDigest: _, ...rest} = archive;
    expect(await openArchive(archive.path)).toEqual(rest);
    expect((await verifyArchive(archive)).problems).toEqual([]);
  });

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -20)],
    ['cut off in its head', (bytes: Buffer) => bytes.subarray(0, 6)],
    ['damaged', (bytes: Buffer) => bytes.map((byte, index) => (index === 300 ? byte ^ 0xff : byte))],
    ['followed by garbage', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('garbage')])],
    ['followed by another', (bytes: Buffer) => Buffer.concat([bytes, bytes])],
  ])('that is %s is refused', async (_title, damage) => {
    const {work, archive} = await built('app.tar.zst');
    await work.write({'bad.tar.zst': damage(readFileSync(archive.path))});
    await expect(unpackTarball(work.at('bad.tar.zst'), work.at('new/out'))).rejects.toMatchObject({
      code: 'ARCHIVE_CORRUPT',
    });
    expect(readdirSync(work.path)).not.toContain('new');
  });
});

describeWith(['git', 'tar'], 'git archive', () => {
  test('gives the tree that we give, for plain sources', async () => {
    const work = await testdir({'app/': '', 'out/': ''});
    opened.push(work);
    const sources = Object.entries(TREE).filter(
      ([path]) => !path.startsWith('node_modules') && !path.endsWith('/'),
    );
    await work.write(Object.fromEntries(sources.map(([path, file]) => [join('app', path), file])));
    for (const argv of [
      ['init', '-q'],
      ['add', '-A'],
      ['commit', '-qm', 'x'],
    ])
      await git(work.at('app'), ...argv);
    await git(work.at('app'), 'archive', '-o', work.at('git.tar'), '--prefix=app/', 'HEAD');
    await unpackTarball(work.at('git.tar'), work.at('theirs'));
    const ours = await writeArchive(work.at('app'), {facts: FACTS, to: work.at('ours.tgz')});
    const theirs = await writeArchive(work.at('theirs'), {facts: FACTS, to: work.at('theirs.tgz')});
    expect(theirs.fileDigest).toBe(ours.fileDigest);
  });
});
