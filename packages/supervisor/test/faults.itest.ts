import {existsSync} from 'node:fs';
import {rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {describeWith, expectFault, freePort, launchBin, testdir, until} from '@keelson/test-kit';
import {
  app,
  childrenOf,
  limitDescriptors,
  mebibytesOf,
  PID_NAMESPACE,
  run,
  serving,
  started,
} from './faults.ts';
import {fixtures} from './load.ts';
import {LISTENING, connectionsTo} from './workloads.ts';

// Each title begins with the number of its fault; faults-table.ts says which tests show the others.

describe('what ends', () => {
  test('6: a supervisor whose predecessor still drains gets the port; each answers its own clients', async () => {
    await using first = await serving({env: {RELEASE: '1'}});
    const slow = first.get('slow');
    await first.get();
    first.program.kill('SIGTERM');
    await until(async () => (await connectionsTo(first.port, LISTENING)) === 0);
    await using second = launchBin(run, ['--port', String(first.port), '--', 'node', app], {
      env: {RELEASE: '2'},
    });
    await second.line('takes traffic');
    expect(await first.get()).toMatch(/^release 2/);
    expect(await slow).toBe('release 1');
    expect((await first.program.exited).code).toBe(0);
    second.kill('SIGTERM');
    await second.exited;
  });

  test('9: a worker that ends by itself with exit code 0 is a crash: replaced, with the reason', async () => {
    await using s = await serving();
    await s.get('exit');
    await s.program.line('exited with code 0');
    await until(async () => (await s.workers())[0]!.restarts === 1);
    expect(await s.get()).toMatch(/^release 1/);
  });
});

describe('output', () => {
  test('22: a log that is renamed (mv and SIGUSR1) under load: no line lost, doubled or torn', async () => {
    await using logs = await testdir();
    const file = logs.at('app.log');
    await using s = await serving({flags: ['--workers', '2', '--to', `file:${file}`]});
    const before = await s.workers();
    // Which worker a connection reaches is the kernel's choice.
    await until(async () => {
      await s.get('lines');
      const text = await logs.read('app.log');
      return text.includes('#1 ') && text.includes('#2 ');
    });
    for (let turn = 1; turn <= 4; turn++) {
      await rename(file, `${file}.${turn}`);
      s.program.kill('SIGUSR1');
      await until(async () => existsSync(file) && (await logs.read('app.log')).split('\n').length > 100);
    }
    expect((await s.workers()).map(({pid}) => pid)).toEqual(before.map(({pid}) => pid));
    s.program.kill('SIGTERM');
    await s.program.exited;
    const names = [1, 2, 3, 4].map((turn) => `app.log.${turn}`);
    const text = (await Promise.all([...names, 'app.log'].map((name) => logs.read(name)))).join('');
    for (const worker of [1, 2]) {
      const numbers = [...text.matchAll(new RegExp(`^\\S+ \\S+ #${worker} (\\d+) x{60}$`, 'gm'))].map(
        ([, at]) => Number(at),
      );
      expect(numbers.length).toBeGreaterThan(100);
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    }
    expect(
      text.split('\n').filter((line) => line.includes('xxx') && !/ #[12] \d+ x{60}$/.test(line)),
    ).toEqual([]);
  });

  test('23: nobody reads the log: worker and supervisor stand in bounded memory, and nothing is lost', async () => {
    const port = await freePort();
    await using directory = await testdir({
      Procfile: `worker: node '${join(fixtures, 'faults-flood.mjs')}'\n`,
    });
    await using supervisor = started(process.execPath, [run, '--port', String(port)], {cwd: directory.path});
    const {child, told} = supervisor;
    await until(() => /worker\.1 is ready \(pid \d+\)/.test(told()));
    const worker = Number(/pid (\d+)/.exec(told())![1]);
    // Twenty megabytes are to be said; both hold a part of it only.
    expect(mebibytesOf(child.pid!)).toBeLessThan(110);
    expect(mebibytesOf(worker)).toBeLessThan(80);
    let next = 1;
    let rest = '';
    for await (const chunk of child.stdout) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const number = /^worker\.1 +(\d+) z{92}$/.exec(line)?.[1];
        if (number !== undefined && Number(number) === next) next++;
        else if (line.includes('zzz')) throw new Error(`after ${next}: ${line}`);
      }
      if (next > 200_000 && !child.killed) child.kill('SIGTERM');
    }
    expect(next).toBe(200_001);
    await supervisor.exited;
  });
});

describe('what the machine lacks', () => {
  test('27: no descriptor left: a start that fails is told and tried again, and works once there are some', async () => {
    await using s = await serving();
    const {pid} = (await s.workers())[0]!;
    limitDescriptors(s.program.pid, 0);
    process.kill(pid!, 'SIGKILL');
    await s.program.line(/EMFILE|could not start/);
    limitDescriptors(s.program.pid, 1024);
    await until(async () => (await s.workers().catch(() => []))[0]?.state === 'open', {timeoutMs: 20_000});
    expect(await s.get()).toMatch(/^release 1/);
  });

  test('29: the directory is deleted: the worker stays, and a roll is refused', async () => {
    await using releases = await testdir({'1/app.mjs': {link: app}});
    await using s = await serving({cwd: releases.at('1'), command: ['node', 'app.mjs']});
    const before = await s.workers();
    await rm(releases.at('1'), {recursive: true});
    await expectFault(s.control.roll({wait: true}), 'SPAWN_NOT_FOUND');
    expect(await s.workers()).toMatchObject([{pid: before[0]!.pid, state: 'open'}]);
    expect(await s.get()).toMatch(/^release 1/);
  });
});

describe('time', () => {
  test('32: all of it stands still (SIGSTOP, a suspended machine) for longer than the limits: no worker is killed', async () => {
    const health = await freePort();
    await using s = await serving({
      flags: ['--hang-limit', '1s', '--health-on', String(health), '--workers', '2'],
    });
    const before = await s.workers();
    const groups = before.map(({pid}) => pid!);
    process.kill(s.program.pid, 'SIGSTOP');
    for (const pid of groups) process.kill(-pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const pid of groups) process.kill(-pid, 'SIGCONT');
    process.kill(s.program.pid, 'SIGCONT');
    await until(async () => (await fetch(`http://127.0.0.1:${health}/readyz`)).status === 200);
    await new Promise((resolve) => setTimeout(resolve, 1200)); // longer than the limit
    expect((await s.workers()).map(({pid, restarts}) => [pid, restarts])).toEqual(
      before.map(({pid}) => [pid, 0]),
    );
    expect(s.program.stdout).not.toContain('stood still');
  });
});

describe('what comes in', () => {
  test('34: whatever an app sends to its parent, its supervisor takes no harm', async () => {
    await using s = await serving();
    const {pid} = (await s.workers())[0]!;
    await s.get('garbage');
    await s.program.line('all sent');
    expect(await s.workers()).toMatchObject([{pid, restarts: 0}]);
    expect(await s.control.roll({wait: true})).toMatchObject({state: 'done'});
    expect(await s.get()).toMatch(/^release 1/);
  });
});

describeWith(['script'], 'in a terminal', () => {
  test('36: Ctrl-C, which the whole group gets, is one drain in order, without noise', async () => {
    const port = await freePort();
    // exec: a shell that waits (dash, where script finds no SHELL) would get the Ctrl-C, too, and end by it.
    const line = `exec ${process.execPath} '${run}' --port ${port} -- node '${app}'`;
    await using terminal = started('script', ['--quiet', '--return', '--command', line, '/dev/null']);
    terminal.readAll();
    await until(() => terminal.told().includes('takes traffic'));
    const slow = fetch(`http://127.0.0.1:${port}/slow`).then((response) => response.text());
    await fetch(`http://127.0.0.1:${port}/`);
    const before = terminal.told().length;
    terminal.child.stdin.write('\x03');
    expect(await slow).toBe('release 1');
    expect((await terminal.exited)[0]).toBe(0);
    expect(terminal.told().slice(before)).not.toMatch(/EPIPE|Error|SIGINT|at .*:\d+:\d+/);
  });
});

describeWith(['unshare', 'mount'], 'on a full disk', () => {
  test('21: the disk is full: workers serve on, it is told once, and the log goes on when there is room', async () => {
    await using directory = await testdir({'full/': ''});
    const port = await freePort();
    const mount = 'mount -t tmpfs -o size=256k none "$1" && shift && exec "$@"';
    const argv = [
      run,
      '--port',
      String(port),
      '--to',
      `file:${directory.at('full/app.log')}`,
      '--',
      'node',
      app,
    ];
    await using supervisor = started('unshare', [
      ...PID_NAMESPACE,
      '--mount',
      'sh',
      '-c',
      mount,
      'sh',
      directory.at('full'),
      process.execPath,
      ...argv,
    ]);
    const {child, told} = supervisor;
    supervisor.readAll();
    await until(() => told().includes('takes traffic'));
    const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
    await ask('lines');
    await until(() => /ENOSPC|no space/i.test(told()));
    const at = Number(await ask('count'));
    await until(async () => Number(await ask('count')) > at + 1000);
    expect(told().match(/no space left/gi)!.length).toBeLessThanOrEqual(2);
    const [first] = await childrenOf(child.pid!);
    // In its own mount namespace.
    const log = `/proc/${first}/root${directory.at('full/app.log')}`;
    await rename(log, `${log}.old`).catch(() => {});
    await rm(`${log}.old`);
    process.kill(first!, 'SIGUSR1');
    await until(() => /recovered|again|room/i.test(told()) || existsSync(log));
    process.kill(first!, 'SIGTERM');
    expect((await supervisor.exited)[0]).toBe(0);
  });
});
