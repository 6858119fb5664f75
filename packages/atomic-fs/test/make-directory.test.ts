import {statSync} from 'node:fs';
import {describe, expect, test} from '@jest/globals';
import {makeDirectory} from '@keelson/atomic-fs';
import {testdir} from '@keelson/test-kit';

describe('makeDirectory', () => {
  test('makes what is missing, once by however many, and says where that began', async () => {
    await using dir = await testdir({'there/': ''});
    const made = await makeDirectory(dir.at('there/a/b'), {mode: 0o700});
    expect(made).toBe(dir.at('there/a'));
    expect(statSync(dir.at('there/a/b')).mode & 0o777).toBe(0o700);
    expect(await makeDirectory(dir.at('there/a/b'))).toBeUndefined();
    await Promise.all(Array.from({length: 8}, () => makeDirectory(dir.at('c/d/e/f'))));
    expect(statSync(dir.at('c/d/e/f')).isDirectory()).toBe(true);
  });

  test('takes a link to a directory for one, and says what is in the way of another', async () => {
    await using dir = await testdir({
      file: '',
      'there/': '',
      link: {link: 'there'},
      loose: {link: 'nowhere'},
    });
    expect(await makeDirectory(dir.at('link/a'))).toBe(dir.at('link/a'));
    expect(statSync(dir.at('there/a')).isDirectory()).toBe(true);
    await expect(makeDirectory(dir.at('file'))).rejects.toThrow(/EEXIST.*file'$/);
    await expect(makeDirectory(dir.at('file/a'))).rejects.toThrow(/ENOTDIR.*file\/a'$/);
    await expect(makeDirectory(dir.at('loose/a'))).rejects.toThrow(/EEXIST.*loose'$/);
  });

  test('gives up where there can be none', async () => {
    await expect(makeDirectory('/proc/keelson/a')).rejects.toThrow(/ENOENT.*'\/proc\/keelson'$/);
  });
});
