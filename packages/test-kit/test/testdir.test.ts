import {existsSync} from 'node:fs';
import {lstat, readlink, stat} from 'node:fs/promises';
import {describe, expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';

describe('testdir', () => {
  test('writes text, bytes, modes, links and empty folders', async () => {
    await using dir = await testdir({
      'a.txt': 'A',
      'deep/er/b.bin': Buffer.from([0, 255]),
      'run.sh': {mode: 0o755, content: '#!/bin/sh\n'},
      'to-a': {link: 'a.txt'},
      'empty/': '',
    });
    expect(await dir.list()).toEqual(['a.txt', 'deep/er/b.bin', 'run.sh', 'to-a']);
    expect(await dir.list('deep')).toEqual(['er/b.bin']);
    expect(await dir.read('to-a')).toBe('A');
    expect((await stat(dir.at('run.sh'))).mode & 0o777).toBe(0o755);
    expect(await readlink(dir.at('to-a'))).toBe('a.txt');
    expect((await lstat(dir.at('empty'))).isDirectory()).toBe(true);
  });

  test('its files are open to all, whatever the umask of who runs this', async () => {
    await using dir = await testdir({'folder/file': ''});
    const modes = await Promise.all(
      ['folder', 'folder/file'].map(async (path) => (await stat(dir.at(path))).mode & 0o777),
    );
    expect(modes).toEqual([0o755, 0o644]);
  });

  test('takes more files later', async () => {
    await using dir = await testdir({a: '1'});
    await dir.write({a: '2', b: '3'});
    expect([await dir.read('a'), await dir.read('b')]).toEqual(['2', '3']);
  });

  test('is gone when disposed, read-only parts too', async () => {
    const dir = await testdir({'locked/file': {mode: 0o444, content: 'x'}});
    const {chmod} = await import('node:fs/promises');
    await chmod(dir.at('locked'), 0o555);
    await dir[Symbol.asyncDispose]();
    expect(existsSync(dir.path)).toBe(false);
  });
});
