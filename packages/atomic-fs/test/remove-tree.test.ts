import {existsSync} from 'node:fs';
import {chmod, chown, realpath, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {removeTree, temporaryDirectory} from '@keelson/atomic-fs';
import {runBin, testdir} from '@keelson/test-kit';

const fixture = (name: string) => join(import.meta.dirname, '../test/fixtures', name);
const NOBODY = 65534;

describe('removeTree', () => {
  test('removes folders, files and links, and is fine with nothing', async () => {
    await using dir = await testdir({
      'a/b/c': 'x',
      file: 'x',
      'kept/x': 'x',
      link: {link: 'kept'},
      broken: {link: 'no'},
    });
    for (const name of ['a', 'file', 'link', 'broken', 'missing']) await removeTree(dir.at(name));
    expect(await dir.list()).toEqual(['kept/x']);
  });

  test('does not follow links inside of a tree', async () => {
    await using dir = await testdir({'outside/x': 'kept', 'tree/link': {link: '../outside'}});
    await removeTree(dir.at('tree'));
    expect(await dir.list()).toEqual(['outside/x']);
  });

  // Root may write everywhere: the program gives its rights away first.
  test('removes read-only folders', async () => {
    await using dir = await testdir({
      'outside/x': 'kept',
      'tree/a/b/file': 'x',
      'tree/a/link': {link: '../../outside'},
    });
    for (const path of ['.', 'tree', 'tree/a', 'tree/a/b', 'tree/a/b/file', 'outside'])
      await chown(dir.at(path), process.getuid!() === 0 ? NOBODY : process.getuid!(), -1);
    for (const path of ['tree/a/b', 'tree/a', 'tree', 'outside']) await chmod(dir.at(path), 0o555);
    expect((await runBin(fixture('remove-as-nobody.mjs'), [dir.at('tree')])).stdout).toBe('removed\n');
    expect(existsSync(dir.at('tree'))).toBe(false);
    expect((await stat(dir.at('outside'))).mode & 0o777).toBe(0o555);
  });

  test('changes nothing behind a link that it may not remove', async () => {
    await using dir = await testdir({'outside/x': 'kept', 'closed/link': {link: '../outside'}});
    await chown(dir.at('outside'), process.getuid!() === 0 ? NOBODY : process.getuid!(), -1);
    await chmod(dir.at('outside'), 0o555);
    await chmod(dir.at('closed'), 0o555);
    await chmod(dir.path, 0o755);
    const {stdout} = await runBin(fixture('remove-as-nobody.mjs'), [dir.at('closed/link')]);
    expect(stdout).toMatch(/EACCES|EPERM/);
    expect((await stat(dir.at('outside'))).mode & 0o777).toBe(0o555);
  });
});

describe('temporaryDirectory', () => {
  test('is empty, private, where it was told to be, and gone when disposed', async () => {
    await using parent = await testdir();
    const made = await temporaryDirectory({prefix: 'stage-', parent: parent.path});
    expect(made.path).toMatch(new RegExp(`^${parent.path}/stage-\\w+$`));
    expect((await stat(made.path)).mode & 0o777).toBe(0o700);
    await made[Symbol.asyncDispose]();
    await made[Symbol.asyncDispose]();
    expect(existsSync(made.path)).toBe(false);
  });

  test('lies in the system’s folder for such', async () => {
    await using made = await temporaryDirectory();
    expect(dirname(made.path)).toBe(await realpath(tmpdir()));
  });

  test.each([
    ['exits', 'exit', 3],
    ['throws', 'throw', 1],
    ['comes to its end', 'end', 0],
  ])('is gone when the program %s', async (_title, how, code) => {
    const ended = await runBin(fixture('end-with-directory.mjs'), [how]);
    expect(ended.code).toBe(code);
    expect(ended.stdout.trim()).toContain('keelson-end-');
    expect(existsSync(ended.stdout.trim())).toBe(false);
  });
});
