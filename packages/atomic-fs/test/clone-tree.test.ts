import {lstatSync, readFileSync, readlinkSync, statSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from '@jest/globals';
import {cloneTree} from '@keelson/atomic-fs';
import {testdir} from '@keelson/test-kit';

describe('cloneTree', () => {
  test('copies files with their modes, links as they are, and empty folders; each copy is a file of its own', async () => {
    await using dir = await testdir({
      'from/run.sh': {mode: 0o755, content: '#!/bin/sh\n'},
      'from/below/file.txt': 'text',
      'from/empty/': '',
      'from/link': {link: 'nowhere/at/all'},
    });
    await cloneTree(dir.at('from'), dir.at('to'));
    expect(statSync(dir.at('to/run.sh')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(dir.at('to/link'))).toBe('nowhere/at/all');
    expect(lstatSync(dir.at('to/empty')).isDirectory()).toBe(true);
    writeFileSync(dir.at('to/below/file.txt'), 'changed');
    expect(readFileSync(dir.at('from/below/file.txt'), 'utf8')).toBe('text');
  });

  test('leaves out what it is told to, with all that is in it', async () => {
    await using dir = await testdir({'from/a/b.txt': '', 'from/c.txt': '', 'from/d/e.txt': ''});
    await cloneTree(dir.at('from'), dir.at('to'), {skip: (path) => path === 'a' || path === 'd/e.txt'});
    expect(lstatSync(dir.at('to/c.txt')).isFile()).toBe(true);
    expect(lstatSync(dir.at('to/a'), {throwIfNoEntry: false})).toBeUndefined();
    expect(lstatSync(dir.at('to/d/e.txt'), {throwIfNoEntry: false})).toBeUndefined();
  });

  test('stops with the reason of the signal', async () => {
    await using dir = await testdir(
      Object.fromEntries(Array.from({length: 120}, (_, n) => [`from/${n}`, ''])),
    );
    const reason = new Error('enough');
    await expect(cloneTree(dir.at('from'), dir.at('to'), {signal: AbortSignal.abort(reason)})).rejects.toBe(
      reason,
    );
  });
});
