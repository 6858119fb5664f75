import {spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {startReceiver} from '@keelson/receiver';
import {verifyTree} from '@keelson/archive';
import {bin, describeWith, git, launchBin, packageRoot, runBin, testdir, until} from '@keelson/test-kit';
import {push, pushedApp, repositoryOf, startGit} from './pushed-app.ts';

const program = bin('receiver');
const describeAsRoot: typeof describeWith = process.getuid?.() === 0 ? describeWith : () => {};

/** The processes whose command line holds a text. */
function commandsWith(text: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const line = /^\d+$/.test(pid)
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        : '';
      return line.includes(text) ? [line] : [];
    } catch {
      return [];
    }
  });
}

describeWith(['git'], 'keelson-receive', () => {
  test('keeps what is pushed, prints it as lines of JSON, and ends with a signal', async () => {
    await using app = await pushedApp();
    await using dir = await testdir({token: 'correct-horse-battery\n'});
    await using running = launchBin(
      program,
      ['--apps', dir.at('apps'), '--listen', '127.0.0.1:0', '--token-file', dir.at('token'), '--app', 'web'],
      {
        env: {KEELSON_TOKEN: undefined},
      },
    );
    const url = (await running.line('listening on')).replace(
      'listening on http://',
      'http://me:correct-horse-battery@',
    );
    const {lines: said} = await push(app.clone, `${url}/web.git`, 'main');
    expect(said).toEqual([`Kept web 1.0.1 (${app.archive.digest}).`]);
    await app.change({'server.js': '2'}, 'second');
    expect(await push(app.clone, `${url}/web.git`, 'main')).toMatchObject({code: 0});
    for (const n of [1, 2]) expect((await verifyTree(dir.at(`apps/web/received/${n}`))).problems).toEqual([]);
    running.kill('SIGTERM');
    expect(await running.exited).toEqual({code: 0, signal: null});
    const lines = running.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      kind: 'received',
      app: 'web',
      archive: {path: dir.at('apps/web/received/1'), digest: app.archive.digest},
    });
    expect(running.stdout + running.stderr).not.toContain('correct-horse');
  });

  test.each([
    [['--apps', 'x', '--listen', '0.0.0.0:0'], 1, 'there is no token'],
    [['--apps', 'x', '--listen', ':0', '--token-file', '/dev/null'], 1, 'fewer than 8'],
    [['--apps', '/proc/keelson', '--listen', ':0'], 1, 'no such file or directory: /proc/keelson'],
    [[], 2, 'apps'],
  ])('%j exits %i', async (argv, code, because) => {
    await using dir = await testdir();
    const result = await runBin(program, argv, {cwd: dir.path, env: {KEELSON_TOKEN: undefined}});
    expect(result).toMatchObject({code, stdout: '', stderr: expect.stringContaining(because)});
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  test('a receiver that is killed leaves no process, no moved branch, and nothing that its successor trips over', async () => {
    await using app = await pushedApp();
    await using dir = await testdir();
    await using running = launchBin(join(packageRoot(import.meta.url), 'test/fixtures/receiver.mjs'), [
      dir.path,
    ]);
    const url = await running.line('http://');
    const pushing = startGit(app.clone, 'push', `${url}/web.git`, 'main');
    await running.line('accepting');
    running.kill('SIGKILL');
    expect((await pushing.ended).code).not.toBe(0);
    await running.exited;
    await until(() => commandsWith(dir.path).length === 0, {what: 'the end of its children'});
    const gitDir = repositoryOf(dir.path);
    expect(await git(gitDir, 'for-each-ref')).toBe('');

    const next = await startReceiver(async () => ({accepted: true}), {root: dir.path});
    expect(await push(app.clone, `${next.url}/web.git`, 'main')).toMatchObject({code: 0});
    await next.close();
    expect(await git(gitDir, 'fsck', '--strict')).toBe('');
    expect(readdirSync(join(gitDir, 'objects')).filter((name) => name.startsWith('tmp_'))).toEqual([]);
    expect(readdirSync(join(gitDir, '../incoming'))).toEqual([]);
  });
});

describeAsRoot(['unshare', 'mount'], 'keelson-receive', () => {
  test('a full disk refuses an upload, and is not left full', async () => {
    await using app = await pushedApp({'big.bin': randomBytes(4_000_000)});
    await using dir = await testdir({'apps/': '', 'small.tgz': 'no tarball'});
    const line = 'mount -t tmpfs -o size=3m tmpfs "$1" && exec "$2" "$3" --apps "$1" --listen 127.0.0.1:0';
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', line, 'sh', dir.at('apps')];
    const running = spawn('unshare', [...args, process.execPath, program], {
      env: {...process.env, KEELSON_TOKEN: undefined},
    });
    try {
      let said = '';
      for await (const chunk of running.stderr as AsyncIterable<Buffer>)
        if ((said += String(chunk)).includes('listening on') && said.endsWith('\n')) break;
      const url = /http:\/\/\S+/.exec(said)![0];
      const put = async (file: string) => {
        const body = await readFile(file);
        const headers = {'keelson-upload': `sha256-${createHash('sha256').update(body).digest('hex')}`};
        const response = await fetch(`${url}/web.tgz`, {method: 'PUT', headers, body});
        return `${response.status} ${await response.text()}`;
      };
      expect(await put(app.archive.path)).toBe('507 There is no room left on the disk of this receiver.\n');
      expect(await put(dir.at('small.tgz'))).toContain('the file: it is cut off');
    } finally {
      running.kill();
      await once(running, 'exit');
    }
  });
});
