import {once} from 'node:events';
import {open} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from '@jest/globals';
import {launch, type Child} from '@keelson/spawn';
import {alive, expectFault, processesOf, processesWith, testdir, until} from '@keelson/test-kit';
import {uniqueSeconds} from './sleeping.ts';

const fixture = (name: string) => join(import.meta.dirname, '../test/fixtures', name);
const shell = (command: string) => ({command, shell: true});
const node = (name: string, spec: object = {}) => ({
  command: process.execPath,
  args: [fixture(name)],
  ...spec,
});

function printed(child: Child, what: string): Promise<void> {
  return new Promise((resolve) => {
    let all = '';
    child.stdout.on('data', (chunk) => (all += chunk).includes(what) && resolve());
  });
}

describe('launch', () => {
  test('starts a group of its own whose leader is the process', async () => {
    await using child = await launch(shell('sleep 60 & wait'));
    await until(() => processesOf(child.pid).length === 2);
    expect(processesOf(child.pid)).toContain(child.pid);
    expect(processesOf(child.pid)).not.toContain(process.pid);
  });

  test('streams what the child prints', async () => {
    await using child = await launch(shell('echo out; echo err >&2; exit 4'));
    expect(await Promise.all([text(child.stdout), text(child.stderr)])).toEqual(['out\n', 'err\n']);
    expect(await child.exited).toEqual({code: 4, signal: null});
  });

  test('gives stdin only when told', async () => {
    await using cat = await launch({command: 'cat', stdin: 'pipe'});
    cat.stdin!.end('hello');
    expect(await text(cat.stdout)).toBe('hello');
    await using without = await launch({command: 'cat'});
    expect(without.stdin).toBeNull();
    expect(await text(without.stdout)).toBe('');
  });

  test('fails when there is nothing to start', async () => {
    const fault = await expectFault(launch({command: 'no-such-command'}), 'SPAWN_NOT_FOUND');
    expect(fault.message).toContain('no-such-command');
  });

  test('signals the whole group', async () => {
    await using child = await launch(
      shell(
        `sh -c 'trap "echo inner; exit" USR1; echo up; while :; do sleep 0.01; done' & trap "wait; echo outer; exit" USR1; wait`,
      ),
    );
    await printed(child, 'up');
    const rest = text(child.stdout);
    child.kill('SIGUSR1');
    expect(await rest).toBe('inner\nouter\n');
  });

  test('passes descriptors on as 3, 4, …', async () => {
    await using dir = await testdir({a: 'A', b: 'B'});
    const [a, b] = [await open(dir.at('a')), await open(dir.at('b'))];
    await using child = await launch({...shell('cat <&4; cat <&3'), descriptors: [a.fd, b.fd]});
    expect(await text(child.stdout)).toBe('BA');
    await Promise.all([a.close(), b.close()]);
  });

  test('passes a listening socket on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const {fd} = (server as unknown as {_handle: {fd: number}})._handle;
    await using child = await launch({...shell('readlink /proc/self/fd/3'), descriptors: [fd]});
    expect(await text(child.stdout)).toMatch(/^socket:\[\d+\]\n$/);
    server.close();
  });

  test('leaks no other descriptor of ours', async () => {
    await using dir = await testdir({a: 'A'});
    const file = await open(dir.at('a'));
    await using child = await launch(shell('ls -l /proc/self/fd'));
    expect(await text(child.stdout)).not.toContain(dir.path);
    await file.close();
  });
});

describe('the IPC channel', () => {
  const answers = (child: Child) => {
    const got: unknown[] = [];
    child.onMessage((message) => got.push(message));
    return got;
  };

  test('talks over a connection with the child and with what it starts, beside descriptors and IPC', async () => {
    await using dir = await testdir({a: 'of a'});
    await using file = await open(dir.at('a'));
    const line = `cat <&3; sh -c 'read -r word <&4; echo "heard $word" >&4'`;
    await using child = await launch({...shell(line), descriptors: [file.fd], connection: true, ipc: true});
    child.connection!.write('hello\n');
    expect(await text(child.connection!)).toBe('heard hello\n');
    expect(await text(child.stdout)).toBe('of a');
    expect(await child.exited).toEqual({code: 0, signal: null});
  });

  test('reaches a Node program behind a shell, beside descriptors', async () => {
    await using dir = await testdir({a: 'in the file'});
    const file = await open(dir.at('a'));
    const line = `exec '${process.execPath}' '${fixture('answers.mjs')}'`;
    await using child = await launch({...shell(line), descriptors: [file.fd], ipc: true});
    const got = answers(child);
    await until(() => got.length === 1);
    expect(child.send({ask: 'echo', text: 'a\nb é'})).toBe(true);
    child.send({ask: 'file'});
    await until(() => got.length === 3);
    expect(got).toEqual(['hello', {echo: 'a\nb é'}, {file: 'in the file'}]);
    await file.close();
  });

  test('keeps the environment and adds to it', async () => {
    await using child = await launch({command: 'env', env: {A: '1'}, ipc: true});
    expect((await text(child.stdout)).split('\n')).toEqual(
      expect.arrayContaining(['A=1', 'NODE_CHANNEL_FD=3']),
    );
  });

  test('ignores garbage that the child writes into it', async () => {
    await using child = await launch(node('answers.mjs', {ipc: true}));
    const got = answers(child);
    child.send({ask: 'garbage', fd: 3});
    await until(() => got.length === 2);
    expect(got).toEqual(['hello', {after: 'garbage'}]);
  });

  test('is closed when the child sends without an end', async () => {
    await using child = await launch({
      ...shell('head -c 3000000 /dev/zero >&3; echo refused: $?'),
      ipc: true,
    });
    expect(await text(child.stdout)).toMatch(/^refused: [1-9]/);
  });

  test('says when nobody can hear', async () => {
    await using child = await launch(node('answers.mjs', {ipc: true}));
    const got = answers(child);
    await until(() => got.length === 1);
    child.send({ask: 'leave'});
    expect(await child.exited).toEqual({code: 0, signal: null});
    await child.stop();
    expect(child.send({ask: 'echo'})).toBe(false);
    await using without = await launch({command: 'true'});
    expect(without.send({})).toBe(false);
  });
});

describe('stop', () => {
  test('sends SIGTERM and resolves when the whole group is gone', async () => {
    const child = await launch(shell('sleep 60 & (sleep 60; true) & wait'));
    await until(() => processesOf(child.pid).length === 4);
    expect(await child.stop()).toEqual({code: null, signal: 'SIGTERM'});
    expect(processesOf(child.pid)).toEqual([]);
  });

  test('sends the signal it was told', async () => {
    const child = await launch(shell('trap "exit 5" INT; echo up; while :; do sleep 0.01; done'));
    await printed(child, 'up');
    expect(await child.stop({signal: 'SIGINT'})).toEqual({code: 5, signal: null});
  });

  test('kills after the grace what ignores the signal, grandchildren too', async () => {
    const child = await launch(shell('trap "" TERM; echo up; sleep 60 & sleep 60; sleep 60'));
    await printed(child, 'up');
    expect(await child.stop({graceMs: 100})).toEqual({code: null, signal: 'SIGKILL'});
    expect(processesOf(child.pid)).toEqual([]);
  });

  test('kills a grandchild that stays when the process itself has gone', async () => {
    const child = await launch(shell('(trap "" TERM; echo up; sleep 60; sleep 60) & wait'));
    await printed(child, 'up');
    await child.stop({graceMs: 100});
    expect(processesOf(child.pid)).toEqual([]);
  });

  test('wakes a stopped process, so that it can end in order', async () => {
    const child = await launch(shell('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.01; done'));
    await printed(child, 'up');
    const rest = text(child.stdout);
    child.kill('SIGSTOP');
    expect(await child.stop()).toEqual({code: 0, signal: null});
    expect(await rest).toBe('bye\n');
  });

  test('does not signal twice: for many programs the second SIGTERM means at once', async () => {
    const child = await launch(node('counts-signals.mjs', {stdin: 'pipe'}));
    await printed(child, 'ready');
    const rest = text(child.stdout);
    const stopped = child.stop();
    void child.stop();
    void child[Symbol.asyncDispose]();
    void child.stop({signal: 'SIGINT'});
    await printed(child, 'SIGINT');
    child.stdin!.end();
    expect(await stopped).toEqual({code: 0, signal: null});
    expect((await rest).trim().split('\n').sort()).toEqual(['got SIGINT', 'got SIGTERM']);
  });

  test('can be made to hurry', async () => {
    const child = await launch(shell('trap "" TERM; echo up; sleep 60; sleep 60'));
    await printed(child, 'up');
    void child.stop({graceMs: 60_000});
    expect(await child.stop({graceMs: 50})).toEqual({code: null, signal: 'SIGKILL'});
  });

  test('is fine when the process has ended long ago', async () => {
    const child = await launch({command: 'true'});
    await child.exited;
    expect(await child.stop()).toEqual({code: 0, signal: null});
    expect(await child.stop()).toEqual({code: 0, signal: null});
    child.kill('SIGKILL');
  });

  test('does not wait for zombies that nobody reaps', async () => {
    const seconds = uniqueSeconds();
    // The inner shell leaves the session with a dead child of the group that it will never wait for.
    const child = await launch(
      shell(`(sleep 0.05 & exec setsid sleep ${seconds}) >/dev/null 2>&1 & sleep 0.2`),
    );
    await child.exited;
    expect(await child.stop()).toEqual({code: 0, signal: null});
    const [daemon] = processesWith(seconds);
    process.kill(daemon!, 'SIGKILL');
  });

  test('happens when disposed', async () => {
    let pid: number;
    {
      await using child = await launch({command: 'sleep', args: ['60']});
      pid = child.pid;
    }
    expect(alive(pid)).toBe(false);
  });

  test('happens when aborted', async () => {
    const controller = new AbortController();
    const child = await launch({command: 'sleep', args: ['60']}, controller);
    controller.abort();
    expect(await child.exited).toEqual({code: null, signal: 'SIGTERM'});
    await expect(launch({command: 'true'}, controller)).rejects.toBe(controller.signal.reason);
  });
});

describe('a group whose process has ended by itself', () => {
  test('is ended too', async () => {
    const child = await launch(shell('sleep 60 >/dev/null 2>&1 & echo $!'));
    await text(child.stdout);
    await until(() => processesOf(child.pid).length === 0);
    expect(processesOf(child.pid)).toEqual([]);
  });

  test('is killed when it ignores SIGTERM', async () => {
    const line = '(trap "" TERM; sleep 60; sleep 60) >/dev/null 2>&1 & exit 0';
    const child = await launch(shell(line), {graceMs: 100});
    await child.exited;
    await until(() => processesOf(child.pid).length === 0);
    expect(processesOf(child.pid)).toEqual([]);
  });

  test('lets go of the output although a daemon holds it', async () => {
    const seconds = uniqueSeconds();
    const child = await launch(shell(`setsid sleep ${seconds} & echo done`));
    expect(await text(child.stdout)).toBe('done\n');
    for (const pid of processesWith(seconds)) process.kill(pid, 'SIGKILL');
  });
});
