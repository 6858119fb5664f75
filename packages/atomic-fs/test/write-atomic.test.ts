import {existsSync} from 'node:fs';
import {lstat, mkdir, readFile, readlink, stat, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {replaceLink, syncDirectory, writeAtomic} from '@keelson/atomic-fs';
import {launchBin, testdir} from '@keelson/test-kit';

const fixture = (name: string) => join(import.meta.dirname, '../test/fixtures', name);
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('writeAtomic', () => {
  test('makes and replaces files, text or bytes', async () => {
    await using dir = await testdir();
    await writeAtomic(dir.at('a'), 'old');
    await writeAtomic(dir.at('a'), 'é');
    await writeAtomic(dir.at('b'), Buffer.from([0, 255]));
    expect(await dir.read('a')).toBe('é');
    expect(await readFile(dir.at('b'))).toEqual(Buffer.from([0, 255]));
    expect(await dir.list()).toEqual(['a', 'b']);
  });

  test('gives exactly the mode it was told, 0644 otherwise', async () => {
    await using dir = await testdir();
    const umask = process.umask(0o077);
    await writeAtomic(dir.at('open'), '');
    await writeAtomic(dir.at('shared'), '', {mode: 0o664});
    process.umask(umask);
    await writeAtomic(dir.at('secret'), '', {mode: 0o600});
    expect(await Promise.all(['open', 'shared', 'secret'].map((name) => modeOf(dir.at(name))))).toEqual([
      0o644, 0o664, 0o600,
    ]);
  });

  test('replaces a link instead of writing through it', async () => {
    await using dir = await testdir({target: 'kept', link: {link: 'target'}});
    await writeAtomic(dir.at('link'), 'new');
    expect([await dir.read('target'), await dir.read('link')]).toEqual(['kept', 'new']);
  });

  test('leaves nothing behind when it fails', async () => {
    await using dir = await testdir({'folder/file': 'x'});
    await expect(writeAtomic(dir.at('folder'), 'x')).rejects.toMatchObject({code: 'EISDIR'});
    await expect(writeAtomic(dir.at('no/such'), 'x')).rejects.toMatchObject({code: 'ENOENT'});
    expect(await dir.list()).toEqual(['folder/file']);
  });

  test('takes names as long as the file system does', async () => {
    await using dir = await testdir();
    const name = 'x'.repeat(255);
    await writeAtomic(dir.at(name), 'long');
    expect(await dir.read(name)).toBe('long');
  });

  test('killed at any instruction, leaves the old content or the new', async () => {
    await using dir = await testdir();
    for (let round = 0; round < 25; round++) {
      await using writer = launchBin(fixture('write-for-ever.mjs'), [dir.at('file')]);
      await writer.line('written');
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
      writer.kill('SIGKILL');
      await writer.exited;
      const content = await dir.read('file');
      expect({length: content.length, letters: new Set(content).size}).toEqual({length: 300_000, letters: 1});
      expect(await modeOf(dir.at('file'))).toBe(0o640);
    }
    const others = (await dir.list()).filter((name) => name !== 'file');
    expect(others.filter((name) => !name.startsWith('.keelson-tmp-'))).toEqual([]);
  });
});

describe('replaceLink', () => {
  test('makes and replaces links, and keeps the target as it is given', async () => {
    await using dir = await testdir({'releases/1/v': '1', 'releases/2/v': '2'});
    await replaceLink(dir.at('current'), 'releases/1');
    expect(await dir.read('current/v')).toBe('1');
    await replaceLink(dir.at('current'), 'releases/2');
    expect([await readlink(dir.at('current')), await dir.read('current/v')]).toEqual(['releases/2', '2']);
  });

  test('never shows a reader a missing link', async () => {
    await using dir = await testdir({'1': '', '2': ''});
    await symlink('1', dir.at('current'));
    let over = false;
    const seen = new Set<string>();
    const reading = (async () => {
      while (!over) seen.add(await readlink(dir.at('current')));
    })();
    for (let turn = 0; turn < 100; turn++) await replaceLink(dir.at('current'), String((turn % 2) + 1));
    over = true;
    await reading;
    expect([...seen].sort()).toEqual(['1', '2']);
  });

  test('does not replace a folder, and leaves nothing behind', async () => {
    await using dir = await testdir();
    await mkdir(dir.at('folder'));
    await expect(replaceLink(dir.at('folder'), 'x')).rejects.toMatchObject({code: 'EISDIR'});
    expect((await lstat(dir.at('folder'))).isDirectory()).toBe(true);
    expect(await dir.list()).toEqual([]);
  });
});

test('syncDirectory takes a directory and fails for what is none', async () => {
  await using dir = await testdir();
  await expect(syncDirectory(dir.path)).resolves.toBeUndefined();
  await expect(syncDirectory(dir.at('missing'))).rejects.toMatchObject({code: 'ENOENT'});
  expect(existsSync(dir.path)).toBe(true);
});
