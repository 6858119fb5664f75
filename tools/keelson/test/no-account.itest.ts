import {spawnSync} from 'node:child_process';
import {chmod, chown, mkdir} from 'node:fs/promises';
import {expect, test} from '@jest/globals';
import {bin, describeAsAnother, testdir} from '@keelson/test-kit';

/** A number that no password file has: what `docker run --user` gives, where no HOME is set either. */
const NUMBER = 54_321;
const ENOUGH_MS = 60_000;

describeAsAnother([], 'a number without an entry in the password file, and without HOME', () => {
  test.each([
    [['foreman', 'start'], 0, 'web.1 | hello'],
    [['build', '.', '--out', 'built/app.tgz'], 0, 'sha256-'],
    [['export', 'systemd', '--out', 'units', '--no-verify'], 0, 'shop-web-1.service'],
    [['export', 'systemd', '--install', '--scope', 'user'], 1, 'this one has none'],
  ])('%j', async (argv, code, said) => {
    await using directory = await testdir({
      'package.json': '{"name": "shop", "version": "1.0.0"}',
      Procfile: 'web: echo hello\n',
    });
    await chmod(directory.path, 0o755);
    for (const folder of ['built', 'units']) {
      await mkdir(directory.at(folder));
      await chown(directory.at(folder), NUMBER, NUMBER);
    }
    const command = [process.execPath, bin('keelson'), ...argv];
    const {status, stdout, stderr} = spawnSync(
      'setpriv',
      ['--reuid', String(NUMBER), '--regid', String(NUMBER), '--clear-groups', '--', ...command],
      {cwd: directory.path, env: {PATH: process.env['PATH']}, encoding: 'utf8', timeout: ENOUGH_MS},
    );
    expect({status, stderr}).toEqual({
      status: code,
      stderr: expect.not.stringContaining('internal error'),
    });
    expect(stdout + stderr).toContain(said);
  });
});
