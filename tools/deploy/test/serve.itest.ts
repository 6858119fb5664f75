// A whole server: real git pushes, real processes, real sockets; every command as a child process.
import {readFile, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {alive, bin, describeWith, git, launchBin, runBin, testdir, until} from '@keelson/test-kit';
import {openServer} from './open-server.ts';

const deployBin = bin('deploy');

describeWith(['git'], 'keelson deploy serve', () => {
  test('deploys pushes, refuses broken ones, rolls back, resumes, and leaves nothing', async () => {
    const {dir, root, start, push, page, ask, pids} = await openServer();
    await using _dir = dir;
    let {server, url} = await start();
    await using _server = server;

    const first = await push(url, {version: '1.0.0'});
    expect({code: first.code, stderr: first.stderr}).toMatchObject({code: 0});
    expect(await page()).toBe('tiny 1.0.0 \n');

    const second = await push(url, {version: '2.0.0'});
    expect(second.code).toBe(0);
    expect(await page()).toBe('tiny 2.0.0 \n');

    const unhealthy = await push(url, {version: '3.0.0', health: 500});
    expect(unhealthy.code).toBe(1);
    expect(unhealthy.stderr).toMatch(/500/);
    expect(await page()).toBe('tiny 2.0.0 \n');

    const crashing = await push(url, {version: '4.0.0', crash: true});
    expect(crashing.code).toBe(1);
    expect(crashing.stderr).toMatch(/the moon is in the wrong house/);
    expect(await page()).toBe('tiny 2.0.0 \n');

    expect((await ask('rollback', 'tiny')).code).toBe(0);
    expect(await page()).toBe('tiny 1.0.0 \n');
    const releases = JSON.parse((await ask('releases', 'tiny', '--json')).stdout);
    expect(releases).toMatchObject({kind: 'releases', current: 1});

    const logs = await ask('logs', 'tiny');
    expect(logs.stdout).toMatch(/web\.1\S* web 1\.0\.0 listens|web 1\.0\.0 listens/);
    expect(logs.stdout).toMatch(/worker of 2\.0\.0 works/);

    // A server that is stopped leaves no process; started again it serves what was current.
    const before = await pids();
    expect(before.length).toBeGreaterThan(0);
    server.kill('SIGTERM');
    expect((await server.exited).code).toBe(0);
    expect(before.filter(alive)).toEqual([]);
    ({server, url} = await start());
    await using _again = server;
    expect(await page()).toBe('tiny 1.0.0 \n');

    // A server that is killed leaves none either.
    const running = await pids();
    server.kill('SIGKILL');
    await server.exited;
    await until(() => running.every((pid) => !alive(pid)));
    expect(root).toBe(join(dir.path, 'srv'));
  }, 180_000);

  test('configuration is bound at the next deploy and kept out of the archive', async () => {
    const {dir, start, push, page, ask} = await openServer();
    await using _dir = dir;
    const {server, url} = await start();
    await using _server = server;
    await dir.write({
      'tiny/keelson.deploy.json': '{"templates": {"greeting.ini": "greeting.ini.hbs"}}',
      'tiny/greeting.ini.hbs': '{{#if env.GREETING}}greeting={{env.GREETING}}{{/if}}\n',
    });
    await push(url, {version: '1.0.0'});
    expect((await ask('config', 'set', 'tiny', 'GREETING=hello', '--no-roll')).code).toBe(0);
    expect(await page()).toBe('tiny 1.0.0 \n');
    await push(url, {version: '1.0.1'});
    expect(await page()).toBe('tiny 1.0.1 hello\n');
    expect((await ask('rollback', 'tiny')).code).toBe(0);
    expect(await page()).toBe('tiny 1.0.0 \n');

    // Rolled at once: the same code with other values, and back with them.
    const set = await ask('config', 'set', 'tiny', 'GREETING=hi', 'SECRET=s3cr3t');
    expect(set).toMatchObject({code: 0, stdout: expect.stringContaining('tiny: config revision 2')});
    expect(await page()).toBe('tiny 1.0.0 hi\n');
    expect(await dir.read('srv/tiny/current/greeting.ini')).toBe('greeting=hi\n');
    const shown = await ask('config', 'show', 'tiny', '--origin');
    expect(shown.stdout).toMatch(/GREETING=\[redacted\] {2}# set by/);
    const changed = await ask('diff', 'tiny', '1', '3');
    expect(changed.stdout).toBe('~ greeting.ini (rendered)\n+ config GREETING\n+ config SECRET\n');
    expect(await ask('config', 'unset', 'tiny', 'SECRET')).toMatchObject({code: 0});
    expect(await ask('config', 'unset', 'tiny', 'NONE')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NONE is not configured'),
    });
    expect(await ask('config', 'revert', 'tiny', '1')).toMatchObject({code: 0});
    expect(await page()).toBe('tiny 1.0.0 hello\n');
    expect((await ask('rollback', 'tiny')).code).toBe(0);
    expect(await page()).toBe('tiny 1.0.0 hi\n');
    const history = await ask('history', 'tiny');
    expect(history.stdout).toMatch(/config {2}deployed/);
    expect(history.stdout + shown.stdout + changed.stdout).not.toContain('s3cr3t');
  }, 120_000);

  test('an ordinary branch of sources is built where it is pushed, and so is an archive of this machine deployed', async () => {
    const {dir, start, ask, page, root, build, pids, port} = await openServer();
    await using _dir = dir;
    const {server, url} = await start();
    await using _server = server;
    const archive = await build({version: '1.0.0'});
    const app = join(dir.path, 'tiny');
    const token = (await readFile(join(root, '.keelson/token'), 'utf8')).trim();
    await git(app, 'init', '--quiet', '--initial-branch=main');
    await git(app, 'add', '--all');
    await git(app, 'commit', '--quiet', '--message', 'sources');
    const remote = `${url.replace('//', `//me:${token}@`)}/tiny.git`;
    expect(await git(app, 'push', '--quiet', remote, 'main')).toBe('');
    expect(await page()).toBe('tiny 1.0.0 \n');
    expect((await ask('releases', 'tiny')).stdout).toMatch(/^\* 1 {2}1\.0\.0/);

    const again = await build({version: '1.1.0'});
    const deployed = await ask(again, '--app', 'tiny');
    expect(deployed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('tiny: deployed: release 2 (1.1.0)'),
    });
    expect(await page()).toBe('tiny 1.1.0 \n');

    const services = (...argv: string[]) => ask('services', ...argv, '--app', 'tiny');
    expect((await services('list')).stdout).toBe(`web\t1\ttcp\t127.0.0.1:${port}\nworker\t1\n`);
    const before = await pids();
    expect(await services('reload', 'web', '1')).toMatchObject({
      code: 0,
      stdout: 'tiny: release 2: reloaded\n',
    });
    const after = await pids();
    expect(after.filter((pid) => before.includes(pid))).toHaveLength(1); // the worker
    expect(await services('reload', 'nope')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nope'),
    });
    expect(await services('stop')).toMatchObject({code: 0, stdout: 'tiny: release 2 stopped\n'});
    expect(after.filter(alive)).toEqual([]);
    expect((await ask('status')).stdout).toMatch(/^tiny {2}stopped$/m);
    const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
    const worker = launchBin(deployBin, [
      'services',
      'exec',
      'worker',
      '1',
      '--root',
      join(root, 'tiny'),
      ...asRoot,
    ]);
    await using _worker = worker;
    await worker.line('worker of 1.1.0 works');
    worker.kill('SIGTERM');
    await worker.exited;
    expect(await services('exec', 'web', '7', ...asRoot)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('web 1, worker 1'),
    });
    expect(await services('exec', 'web', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no number'),
    });
    expect(await services('reload')).toMatchObject({code: 0, stdout: 'tiny: release 2: started\n'});
    expect(await page()).toBe('tiny 1.1.0 \n');

    const value = JSON.stringify({kind: 'archive', path: archive, digest: 'sha256-of another'});
    expect(await runBin(deployBin, ['-', '--root', root, '--app', 'tiny'], {input: value})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('not sha256-of another any more'),
    });
    expect(await ask(again)).toMatchObject({code: 1, stderr: expect.stringContaining('Name the app')});
  }, 120_000);

  test('an app whose database is not up yet when the server starts is tried again by itself', async () => {
    const {dir, root, start, push, ask, page, status} = await openServer();
    await using _dir = dir;
    let {server, url} = await start();
    await using _server = server;
    const database = join(dir.path, 'database');
    await writeFile(database, '');
    expect(await push(url, {version: '1.0.0'})).toMatchObject({code: 0});
    expect(await ask('config', 'set', 'tiny', `DATABASE=${database}`)).toMatchObject({code: 0});
    server.kill('SIGTERM');
    expect((await server.exited).code).toBe(0);

    await rm(database);
    // As after a restart of the machine, with --runtime-dir below /run.
    await rm(join(root, 'tiny/runtime'), {recursive: true});
    await symlink(join(dir.path, 'run/tiny'), join(root, 'tiny/runtime'));
    ({server, url} = await start());
    await using _again = server;
    expect(server.stderr).toMatch(/tiny: could not be resumed: .*exit.*; tried again at 20/);
    const {apps} = await status();
    expect(apps[0]!.resuming).toMatchObject({because: expect.stringContaining('exit')});
    expect((await ask('status')).stdout).toMatch(/tiny {2}does not run: tried .*exit/);
    await writeFile(database, '');
    await server.line(/tiny: release \d serves again/);
    expect((await ask('history', 'tiny')).stdout.match(/resume {2}refused/g)).toHaveLength(1);
    expect(await page()).toBe('tiny 1.0.0 \n');
    expect((await status()).apps[0]!.resuming).toBeUndefined();
  }, 60_000);

  test('a wrong token is refused before anything is read', async () => {
    const {dir, start, push, root} = await openServer();
    await using _dir = dir;
    const {server, url} = await start();
    await using _server = server;
    await writeFile(join(root, '.keelson/token'), 'wrong\n');
    const {code, stderr} = await push(url, {version: '1.0.0'});
    expect(code).toBe(1);
    expect(stderr).toMatch(/token|password|credentials|401/i);
  }, 60_000);

  test('a second server on the same root says who holds it', async () => {
    const {dir, root, start} = await openServer();
    await using _dir = dir;
    const {server} = await start();
    await using _server = server;
    const {code, stderr} = await runBin(deployBin, ['serve', '--root', root, '--listen', '127.0.0.1:0']);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/a server runs on .* already/);
    expect(stderr).not.toMatch(/\n\s+at /);
  }, 60_000);
});

describe('without a server', () => {
  test.each([
    ['status', [], /no server answers for .*\n.*keelson deploy serve/],
    ['rollback', ['tiny', '--runtime', 'server'], /no server answers/],
    ['status', ['tiny'], /holds no app named tiny/],
    ['releases', ['tiny'], /holds no app named tiny/],
    ['logs', ['tiny'], /holds no app named tiny/],
    ['logs', ['../../etc'], /holds no app named/],
  ])('%s says what is missing', async (verb, argv, message) => {
    await using dir = await testdir({});
    const {code, stderr} = await runBin(deployBin, [verb, ...argv, '--root', dir.path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
