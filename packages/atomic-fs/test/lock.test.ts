import {once} from 'node:events';
import {stat, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {lockDirectory} from '@keelson/atomic-fs';
import {expectFault, launchBin, processesWith, runBin, testdir, type TestDirectory} from '@keelson/test-kit';

const fixture = (name: string) => join(import.meta.dirname, '../test/fixtures', name);
const holdLock = fixture('hold-lock.mjs');
const helpersOf = (dir: TestDirectory) => processesWith(`keelson-lock ${dir.at('lock')}`);

describe('lockDirectory', () => {
  test('makes the directory, and says who holds it and why', async () => {
    await using dir = await testdir();
    await using lock = await lockDirectory(dir.at('new/app'), {reason: 'deploy of 1.2.0'});
    expect(lock.path).toBe(dir.at('new/app/lock'));
    const fault = await expectFault(lockDirectory(dir.at('new/app')), 'LOCK_HELD');
    expect(fault).toMatchObject({temporary: true});
    expect(fault.message).toMatch(
      new RegExp(
        `^${dir.at('new/app')} is locked by process ${process.pid} \\(deploy of 1\\.2\\.0\\) since 2`,
      ),
    );
  });

  test('is free again when disposed, however often', async () => {
    await using dir = await testdir();
    const lock = await lockDirectory(dir.path, {reason: 'first'});
    await lock[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    expect(await dir.read('lock')).toBe('');
    await using second = await lockDirectory(dir.path);
    expect(second.path).toBe(lock.path);
  });

  test('takes a reason with any characters', async () => {
    await using dir = await testdir();
    await using _lock = await lockDirectory(dir.path, {reason: `a\nb "c" \u2028 ${'x'.repeat(10_000)}`});
    const {message} = await expectFault(lockDirectory(dir.path), 'LOCK_HELD');
    expect(message).toContain('a\nb "c"');
    expect(message.length).toBeLessThan(500);
  });

  test('ignores what is no owner', async () => {
    await using dir = await testdir({lock: '{"pid": "x"}\nrubbish'});
    await using _lock = await lockDirectory(dir.path);
    expect(await dir.read('lock')).toMatch(/^\{"pid":\d+,.*\}\n$/);
  });

  test('outlives the removal of the directory', async () => {
    await using dir = await testdir();
    const lock = await lockDirectory(dir.at('app'));
    const {removeTree} = await import('@keelson/atomic-fs');
    await removeTree(dir.at('app'));
    await expect(lock[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  test('says what the file system says', async () => {
    await using dir = await testdir({file: 'x'});
    await expect(lockDirectory(dir.at('file'))).rejects.toMatchObject({code: 'EEXIST'});
  });

  test('is aborted before it begins', async () => {
    await using dir = await testdir();
    const reason = new TypeError('mine');
    await expect(lockDirectory(dir.path, {signal: AbortSignal.abort(reason)})).rejects.toBe(reason);
    expect(await dir.list()).toEqual([]);
  });
});

// An empty PATH takes flock(1) away.
describe.each([
  ['held by flock(1)', process.env['PATH']],
  ['held by pid and start time', ''],
])('a lock %s', (_title, PATH) => {
  const env = {PATH};

  test('is known to others', async () => {
    await using dir = await testdir();
    await using holder = launchBin(holdLock, [dir.path, 'theirs'], {env});
    await holder.line('locked');
    const {message} = await expectFault(lockDirectory(dir.path), 'LOCK_HELD');
    expect(message).toContain(`locked by process ${holder.pid} (theirs)`);
    const {stderr} = await runBin(fixture('count-under-lock.mjs'), [dir.path, '0'], {env});
    expect(stderr).toBe('');
  });

  test('keeps us out although we have flock(1), and them although they have none', async () => {
    await using dir = await testdir();
    await using lock = await lockDirectory(dir.path, {reason: 'ours'});
    await using waiting = launchBin(holdLock, [dir.path, 'theirs'], {env});
    await expect(
      Promise.race([waiting.line('locked'), new Promise((resolve) => setTimeout(resolve, 600, 'waits'))]),
    ).resolves.toBe('waits');
    await lock[Symbol.asyncDispose]();
    expect(await waiting.line('locked')).toBe('locked');
  });

  test('is waited for', async () => {
    await using dir = await testdir();
    await using holder = launchBin(holdLock, [dir.path, 'theirs'], {env});
    await holder.line('locked');
    const waiting = lockDirectory(dir.path, {waitMs: 30_000});
    holder.stdin.end();
    await using lock = await waiting;
    expect(lock.path).toBe(dir.at('lock'));
    await holder.line('released');
  });

  test('is waited for only so long', async () => {
    await using dir = await testdir();
    await using holder = launchBin(holdLock, [dir.path, 'theirs'], {env});
    await holder.line('locked');
    const fault = await expectFault(lockDirectory(dir.path, {waitMs: 200}), 'LOCK_HELD');
    expect(fault.message).toContain('theirs');
  });

  test('is not waited for any more when aborted', async () => {
    await using dir = await testdir();
    await using holder = launchBin(holdLock, [dir.path, 'theirs'], {env});
    await holder.line('locked');
    const helpers = helpersOf(dir);
    const controller = new AbortController();
    const waiting = lockDirectory(dir.path, {waitMs: 60_000, signal: controller.signal});
    const reason = new TypeError('mine');
    setTimeout(() => controller.abort(reason), 100);
    await expect(waiting).rejects.toBe(reason);
    expect(helpersOf(dir)).toEqual(helpers);
    holder.stdin.end();
    await holder.line('released');
    await using lock = await lockDirectory(dir.path);
    expect(lock.path).toBe(dir.at('lock'));
  });

  test('is freed when its owner is killed', async () => {
    await using dir = await testdir();
    await using holder = launchBin(holdLock, [dir.path, 'theirs'], {env});
    await holder.line('locked');
    holder.kill('SIGKILL');
    await using lock = await lockDirectory(dir.path, {waitMs: 30_000, reason: 'ours'});
    expect(await dir.read('lock')).toContain(`"pid":${process.pid}`);
    expect(lock.path).toBe(dir.at('lock'));
  });

  test('neither keeps its owner alive nor outlives it', async () => {
    await using dir = await testdir();
    const {code, stdout} = await runBin(holdLock, [dir.path, 'theirs', 'leave'], {env});
    expect({code, stdout}).toEqual({code: 0, stdout: 'locked\n'});
    await using lock = await lockDirectory(dir.path, {waitMs: 30_000});
    expect(lock.path).toBe(dir.at('lock'));
  });

  test('keeps six programs apart', async () => {
    await using dir = await testdir({count: '0'});
    const counting = Array.from({length: 6}, () =>
      runBin(fixture('count-under-lock.mjs'), [dir.path, '8'], {env}),
    );
    const ends = await Promise.all(counting);
    expect(ends.map(({code, stderr}) => ({code, stderr}))).toEqual(ends.map(() => ({code: 0, stderr: ''})));
    expect(await dir.read('count')).toBe('48');
  });
});

test('programs with and without flock(1) keep apart', async () => {
  await using dir = await testdir({count: '0'});
  const counting = Array.from({length: 6}, (_, index) =>
    runBin(fixture('count-under-lock.mjs'), [dir.path, '8'], {env: index % 2 === 0 ? {PATH: ''} : {}}),
  );
  const ends = await Promise.all(counting);
  expect(ends.map(({code, stderr}) => ({code, stderr}))).toEqual(ends.map(() => ({code: 0, stderr: ''})));
  expect(await dir.read('count')).toBe('48');
});

test('a lock outlives the Ctrl-C that its owner survives', async () => {
  await using dir = await testdir();
  await using lock = await lockDirectory(dir.path);
  const [helper] = helpersOf(dir);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(helper!, signal);
  await expectFault(lockDirectory(dir.path, {waitMs: 100}), 'LOCK_HELD');
  expect(helpersOf(dir)).toEqual([helper]);
  expect(lock.path).toBe(dir.at('lock'));
});

test('a mutex that somebody never lets go stops only who has nothing better', async () => {
  await using dir = await testdir({lock: ''});
  const {dev, ino} = await stat(dir.at('lock'));
  const squatter = createServer().listen(`\0keelson-mutex-${dev}-${ino}`);
  squatter.unref();
  await once(squatter, 'listening');
  const {stderr} = await runBin(holdLock, [dir.path, 'theirs'], {env: {PATH: '', WAIT_MS: '0'}});
  expect(stderr).toContain('locked by another process');
  await using lock = await lockDirectory(dir.path);
  expect(lock.path).toBe(dir.at('lock'));
  squatter.close();
});

test.each([
  ['has ended', {pid: 2 ** 22 + 1, started: 'boot/1'}],
  ['has a pid that is now somebody else’s', {pid: process.pid, started: 'boot/1'}],
])('a lock whose owner %s is taken over', async (_title, owner) => {
  await using dir = await testdir();
  await writeFile(dir.at('lock'), `${JSON.stringify({...owner, since: 'then'})}\n`);
  await using lock = await lockDirectory(dir.path);
  expect(await dir.read('lock')).toContain(`"pid":${process.pid}`);
  expect(lock.path).toBe(dir.at('lock'));
});
