import {once} from 'node:events';
import {chmod, readdir, stat, writeFile} from 'node:fs/promises';
import {connect, createServer} from 'node:net';
import {describe, expect, test} from '@jest/globals';
import {
  alive,
  bin,
  launchBin,
  processesOf,
  runBin,
  testdir,
  until,
  type TestDirectory,
} from '@keelson/test-kit';

const FOREMAN = bin('foreman', 'keelson-foreman');
const PROCFILE = `web: echo "web on $PORT"; exec sleep 1000
worker: echo working; echo "not well" >&2; exec sleep 1000
`;

interface Status {
  readonly pid: number;
  readonly processes: readonly {
    readonly name: string;
    readonly state: string;
    readonly pid?: number;
    readonly port: number;
    readonly restarts: number;
  }[];
}

/** An app, its runner, and a second terminal. */
async function controlled(procfile = PROCFILE, ...argv: string[]) {
  const directory = await testdir({Procfile: procfile, 'run/': ''});
  const env = {XDG_RUNTIME_DIR: directory.at('run')};
  const runner = launchBin(FOREMAN, ['start', ...argv], {cwd: directory.path, env});
  const ask = (...words: string[]) => runBin(FOREMAN, words, {cwd: directory.path, env});
  await until(async () => (await sockets(directory)).length > 0, {what: 'a control socket'});
  return {
    directory,
    env,
    runner,
    ask,
    ps: async () => JSON.parse((await ask('ps', '--json')).stdout) as Status,
    [Symbol.asyncDispose]: async () => {
      await runner[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function sockets(directory: TestDirectory): Promise<string[]> {
  const names = await readdir(directory.at('run/keelson-foreman')).catch(() => []);
  return names.map((name) => directory.at(`run/keelson-foreman/${name}`));
}

/** What a peer that speaks for itself gets for an answer. */
async function say(path: string, bytes: string | Buffer): Promise<string> {
  const socket = connect(path);
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk)));
  socket.end(bytes);
  await once(socket, 'close');
  return answer;
}

describe('ps', () => {
  test('shows name, state, pid, port and restarts, as a table and as JSON', async () => {
    await using it = await controlled();
    await it.runner.line('web on 5000');
    const {pid, processes} = await it.ps();
    expect(pid).toBe(it.runner.pid);
    expect(processes.map(({name, state, port, restarts}) => [name, state, port, restarts])).toEqual([
      ['web.1', 'running', 5000, 0],
      ['worker.1', 'running', 5100, 0],
    ]);
    expect(alive(processes[0]!.pid!)).toBe(true);
    const {stdout} = await it.ask('ps');
    expect(stdout).toMatch(
      /^NAME +STATE +PID +PORT +UPTIME +RESTARTS\nweb\.1 +running +\d+ +5000 +\d+s +0\n/,
    );
  });
});

describe('restart and stop', () => {
  test('one of several, all of a type, a pattern; a stopped one starts', async () => {
    await using it = await controlled(PROCFILE, 'web=2,worker');
    await it.runner.line('working');
    const before = await it.ps();
    expect((await it.ask('restart', 'web.2')).code).toBe(0);
    const after = await it.ps();
    expect(after.processes.map(({restarts}) => restarts)).toEqual([0, 1, 0]);
    expect(after.processes[0]!.pid).toBe(before.processes[0]!.pid);
    expect(alive(before.processes[1]!.pid!)).toBe(false);

    expect((await it.ask('stop', 'web')).code).toBe(0);
    expect((await it.ps()).processes.map(({state}) => state)).toEqual(['stopped', 'stopped', 'running']);
    expect(processesOf(before.processes[0]!.pid!)).toEqual([]);

    expect((await it.ask('restart', 'web.*')).code).toBe(0);
    expect((await it.ps()).processes.map(({state}) => state)).toEqual(['running', 'running', 'running']);
  });

  test('all stopped, the runner waits for what is next', async () => {
    await using it = await controlled();
    await it.runner.line('working');
    expect((await it.ask('stop', '*')).code).toBe(0);
    expect((await it.ps()).processes.map(({state}) => state)).toEqual(['stopped', 'stopped']);
    expect((await it.ask('restart', 'worker')).code).toBe(0);
    it.runner.kill('SIGTERM');
    expect((await it.runner.exited).code).toBe(143);
  });

  test('an unknown name fails, does nothing, and tells the known ones', async () => {
    await using it = await controlled();
    for (const verb of ['restart', 'stop', 'logs']) {
      const {code, stderr} = await it.ask(verb, 'web', 'wrok');
      expect([verb, code]).toEqual([verb, 1]);
      expect(stderr).toContain('no process wrok');
      expect(stderr).toContain('web.1, worker.1');
    }
    const {processes} = await it.ps();
    expect(processes.map(({state, restarts}) => `${state} ${restarts}`)).toEqual(['running 0', 'running 0']);
  });
});

describe('which runner', () => {
  test('none: exit 1, and why', async () => {
    await using directory = await testdir({'run/': ''});
    const env = {XDG_RUNTIME_DIR: directory.at('run')};
    for (const words of [
      ['ps'],
      ['restart', 'web'],
      ['stop', 'web'],
      ['logs'],
      ['ps', '--control', 'x.sock'],
    ]) {
      const {code, stderr} = await runBin(FOREMAN, words, {cwd: directory.path, env});
      expect(code).toBe(1);
      expect(stderr).toContain('no runner');
    }
  });

  test('another directory is reached with --root, also by a link', async () => {
    await using it = await controlled();
    await using elsewhere = await testdir({app: {link: it.directory.path}});
    const {code, stdout} = await runBin(FOREMAN, ['ps', '--root', 'app'], {cwd: elsewhere.path, env: it.env});
    expect([code, stdout.includes('web.1')]).toEqual([0, true]);
  });

  test('a killed one leaves a socket that disturbs nobody', async () => {
    await using it = await controlled();
    await it.runner.line('working');
    it.runner.kill('SIGKILL');
    await it.runner.exited;
    expect(await sockets(it.directory)).toHaveLength(1);
    expect((await it.ask('ps')).stderr).toContain('no runner');
    expect(await sockets(it.directory)).toEqual([]);
  });

  test('two in one directory: each has its own, and the question is which', async () => {
    await using it = await controlled();
    await using second = launchBin(FOREMAN, ['start', '--port', '7000'], {
      cwd: it.directory.path,
      env: it.env,
    });
    await until(async () => (await sockets(it.directory)).length === 2, {what: 'a second socket'});
    const {code, stderr} = await it.ask('ps');
    expect(code).toBe(1);
    expect(stderr).toContain('2 runners');
    const path = (await sockets(it.directory)).find((one) => one.endsWith(`.${second.pid}`))!;
    expect(stderr).toContain(`pid ${second.pid} (--control ${path})`);
    const chosen = await it.ask('ps', '--control', path, '--json');
    expect((JSON.parse(chosen.stdout) as Status).pid).toBe(second.pid);
  });

  test('--control names the socket; one of a dead runner is replaced, one of a living is not', async () => {
    await using directory = await testdir({Procfile: PROCFILE});
    const start = () => launchBin(FOREMAN, ['start', '--control', 'own.sock'], {cwd: directory.path});
    {
      await using killed = start();
      await killed.line('working');
      killed.kill('SIGKILL');
      await killed.exited;
    }
    await using runner = start();
    await runner.line('working');
    const {mode} = await stat(directory.at('own.sock'));
    expect(mode & 0o777).toBe(0o600);
    const {stdout} = await runBin(FOREMAN, ['ps', '--control', 'own.sock'], {cwd: directory.path});
    expect(stdout).toContain('worker.1');
    const second = await runBin(FOREMAN, ['start', '--control', 'own.sock'], {cwd: directory.path});
    expect([second.code, second.stderr.includes('another runner listens')]).toEqual([1, true]);
    runner.kill('SIGINT');
    await runner.exited;
    await expect(stat(directory.at('own.sock'))).rejects.toMatchObject({code: 'ENOENT'});
  });

  test('a path that is too long, in no folder, or no socket, is refused', async () => {
    await using directory = await testdir({Procfile: PROCFILE, 'a-file': 'precious'});
    const refused = async (path: string) =>
      (await runBin(FOREMAN, ['start', '--control', path], {cwd: directory.path})).stderr;
    expect(await refused('x'.repeat(108))).toContain('at most 107 bytes');
    expect(await refused('a-file')).toContain('no socket');
    expect(await refused('none/sock')).toContain('there is no such folder');
    expect(await directory.read('a-file')).toBe('precious');
  });

  test('the folder is ours alone; one that others may enter is not used', async () => {
    await using it = await controlled();
    const folder = it.directory.at('run/keelson-foreman');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat((await sockets(it.directory))[0]!)).mode & 0o777).toBe(0o600);
    await chmod(folder, 0o755);
    expect((await it.ask('ps')).code).toBe(1);
  });
});

describe('logs', () => {
  test('the last lines; text, raw and JSON', async () => {
    await using it = await controlled();
    await it.runner.line('not well');
    expect((await it.ask('logs', 'web')).stdout).toBe('web.1 | web on 5000\n');
    expect((await it.ask('logs', 'worker', '-n', '1')).stdout).toBe('worker.1 ! not well\n');
    expect((await it.ask('logs', 'worker', '--raw')).stdout.split('\n').sort()).toEqual([
      '',
      'not well',
      'working',
    ]);
    const [line] = (await it.ask('logs', 'web', '--json')).stdout.split('\n');
    expect(JSON.parse(line!)).toMatchObject({name: 'web.1', stream: 'out', line: 'web on 5000'});
  });

  test('bytes that are no UTF-8 stay what they are', async () => {
    await using it = await controlled(`web: printf 'a\\377b\\n'; exec sleep 1000\n`);
    await it.runner.line('| a');
    const {stdout} = await it.ask('logs', '--json');
    expect(JSON.parse(stdout)).toMatchObject({name: 'web.1', base64: 'Yf9i'});
  });

  test('--follow goes on through a restart, and ends with the runner', async () => {
    await using it = await controlled();
    await it.runner.line('web on 5000');
    await using logs = launchBin(FOREMAN, ['logs', '-f', 'web'], {cwd: it.directory.path, env: it.env});
    await logs.line('web on 5000');
    await it.ask('restart', 'web');
    await until(() => logs.stdout.split('web on 5000').length === 3, {what: 'the line of the new process'});
    expect(logs.stdout).not.toContain('working');
    it.runner.kill('SIGTERM');
    expect(await logs.exited).toEqual({code: 0, signal: null});
  });

  test('only so much is kept, in whole lines', async () => {
    await using it = await controlled('web: seq 1 100000; echo done; exec sleep 1000\n');
    await it.runner.line('| done');
    const lines = (await it.ask('logs', '--raw', '-n', '1000000')).stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('done');
    expect(lines.length).toBeGreaterThan(5000);
    expect(lines.length).toBeLessThan(60_000);
    expect(lines.slice(0, -1).map(Number)).toEqual(
      lines.slice(0, -1).map((_, index) => 100_002 - lines.length + index),
    );
  });

  test('a reader that reads nothing stops nobody, and is told what it lost', async () => {
    const lines = 200_000;
    await using it = await controlled(
      `web: while [ ! -e go ]; do sleep 0.05; done; seq 1 ${lines}; touch written; exec sleep 1000\n`,
      '--hide',
      'web',
    );
    const [path] = await sockets(it.directory);
    const socket = connect(path!);
    socket.pause();
    await once(socket, 'connect');
    socket.write('{"verb":"logs","names":["web"],"lines":0,"follow":true}\n');
    await it.ps(); // which is answered after it
    await writeFile(it.directory.at('go'), '');
    await until(async () => (await it.directory.list()).includes('written'), {what: 'the end of the lines'});
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk))).resume();
    await until(() => text.includes('"dropped"'), {what: 'word of dropped lines'});
    await it.ask('stop', 'web');
    it.runner.kill('SIGTERM');
    await once(socket, 'close');
    const values = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as {line?: string; dropped?: number});
    const dropped = values.reduce((sum, value) => sum + (value.dropped ?? 0), 0);
    const shown = values.flatMap(({line}) => (line === undefined ? [] : [Number(line)]));
    expect(shown.length + dropped).toBe(lines);
    expect(dropped).toBeGreaterThan(0);
    expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
  });
});

describe('peers that do not behave', () => {
  test('get an answer that says so, and disturb nobody', async () => {
    await using it = await controlled();
    await it.runner.line('working');
    const [path] = await sockets(it.directory);
    const requests: Record<string, string | Buffer> = {
      'no JSON': 'hello\n',
      bytes: Buffer.from([0, 255, 10, 10, 0]),
      'no known verb': '{"verb":"reboot","names":["web"]}\n',
      'no names': '{"verb":"restart"}\n',
      'names of another kind': '{"verb":"stop","names":[1,{}]}\n',
      'an empty stop': '{"verb":"stop","names":[]}\n',
      'a list': '[]\n',
      'half a request': '{"verb":"ps"',
      'a line without end': 'x'.repeat(200_000),
    };
    for (const [what, bytes] of Object.entries(requests))
      expect([what, JSON.parse(await say(path!, bytes))]).toMatchObject([what, {ok: false}]);
    const {processes} = await it.ps();
    expect(processes.map(({state, restarts}) => [state, restarts])).toEqual([
      ['running', 0],
      ['running', 0],
    ]);
  });

  test('many that say nothing keep nobody out for long, nor the runner alive', async () => {
    await using it = await controlled();
    await it.runner.line('working');
    const [path] = await sockets(it.directory);
    const silent = Array.from({length: 20}, () => connect(path!).on('error', () => {}));
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    expect((await it.ps()).processes).toHaveLength(2);
    it.runner.kill('SIGTERM');
    expect((await it.runner.exited).code).toBe(143);
    for (const socket of silent) socket.destroy();
  });

  test('a runner that does not answer is no runner of ours', async () => {
    await using directory = await testdir();
    const server = createServer((socket) => socket.end('nonsense\n')).listen(directory.at('x.sock'));
    await once(server, 'listening');
    const {code, stderr} = await runBin(FOREMAN, ['ps', '--control', 'x.sock'], {cwd: directory.path});
    expect(code).toBe(1);
    expect(stderr).toContain('ended before it answered');
    server.close();
  });
});

test('--no-control: nobody controls it', async () => {
  await using directory = await testdir({Procfile: PROCFILE, 'run/': ''});
  const env = {XDG_RUNTIME_DIR: directory.at('run')};
  await using runner = launchBin(FOREMAN, ['start', '--no-control'], {cwd: directory.path, env});
  await runner.line('working');
  expect((await runBin(FOREMAN, ['ps'], {cwd: directory.path, env})).code).toBe(1);
  expect(await directory.list('run')).toEqual([]);
});
