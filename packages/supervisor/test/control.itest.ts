import {once} from 'node:events';
import {readdir, stat, symlink, writeFile} from 'node:fs/promises';
import net from 'node:net';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from '@jest/globals';
import {controlAt} from '@keelson/supervisor';
import {
  alive,
  bin,
  expectFault,
  freePort,
  type LaunchedBin,
  launchBin,
  runBin,
  testdir,
  until,
} from '@keelson/test-kit';
import {fixtures, startLoad} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const ctl = bin('supervisor', 'keelson-ctl');
const app = join(fixtures, 'app.mjs');

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly socket: string;
  readonly process: LaunchedBin;
  /** Makes the next start of a worker fail. */
  spoil(): Promise<void>;
  ctl(...argv: readonly string[]): Promise<{code: number | null; stdout: string; stderr: string}>;
}

async function running(...flags: readonly string[]): Promise<Running> {
  const port = await freePort();
  const directory = await testdir();
  const socket = directory.at('private/run.sock');
  const program = launchBin(
    run,
    ['--port', String(port), '--health', '/health', '--control', socket, ...flags, '--', 'node', app],
    {env: {CRASH_IF: directory.at('crash')}},
  );
  await program.line('takes traffic');
  return {
    port,
    socket,
    process: program,
    spoil: () => writeFile(directory.at('crash'), ''),
    ctl: (...argv) => runBin(ctl, [...argv, '--control', socket]),
    async [Symbol.asyncDispose]() {
      program.kill('SIGTERM');
      await program.exited;
      await directory[Symbol.asyncDispose]();
    },
  };
}

const pidsOf = async (socket: string): Promise<number[]> =>
  (await controlAt(socket).status()).generations
    .filter(({state}) => state === 'open')
    .flatMap(({instances}) => instances.flatMap(({workers}) => workers.map(({pid}) => pid!)));

describe('keelson-ctl', () => {
  test('--help lists what can be asked; a misspelled word and a missing socket are usage errors', async () => {
    expect((await runBin(ctl, ['--help'])).stdout).toMatch(/status[^]*restart[^]*roll[^]*resize[^]*stop/);
    expect(await runBin(ctl, ['rol', '--control', 'x'])).toMatchObject({code: 2});
    expect(await runBin(ctl, ['roll'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--control'),
    });
  });

  test('status: people get a line for each worker, programs the value', async () => {
    await using r = await running('--workers', '2');
    const {stdout} = await r.ctl('status');
    expect(stdout).toMatch(
      /^supervisor \d+ {2}running .*\nweb\.1\/1 {2}open {2}pid \d+ .*\nweb\.1\/2 {2}open/,
    );
    expect(JSON.parse((await r.ctl('status', '--json')).stdout)).toMatchObject({
      kind: 'service-status',
      pid: r.process.pid,
      state: 'running',
      crashes: 0,
      generations: [{name: '1', state: 'open', instances: [{name: 'web.1', port: r.port}]}],
    });
  });

  test('roll --wait under load: every worker is another one, no request is lost', async () => {
    await using r = await running('--workers', '2');
    const before = await pidsOf(r.socket);
    const load = await startLoad(r.port, 10, 'get', 10);
    const {code, stdout} = await r.ctl('roll', '--wait');
    expect({code, stdout}).toEqual({code: 0, stdout: 'every worker is replaced\n'});
    expect((await load.finish()).lost).toBe(0);
    const after = await pidsOf(r.socket);
    expect(after).toHaveLength(2);
    expect([...before.map(alive), ...after.map(alive)]).toEqual([false, false, true, true]);
  });

  test('a roll that is refused: exit 1, the reason, the last lines; the old workers stay', async () => {
    await using r = await running();
    const before = await pidsOf(r.socket);
    await r.spoil();
    const {code, stdout, stderr} = await r.ctl('roll', '--wait');
    expect({code, stdout}).toEqual({code: 1, stdout: ''});
    expect(stderr).toContain(
      'roll refused: web.1 exited with code 3 before it was ready; the old workers stay',
    );
    expect(stderr).toContain('cannot find the database');
    const json = await r.ctl('roll', '--wait', '--json');
    expect({code: json.code, value: JSON.parse(json.stdout)}).toMatchObject({
      code: 1,
      value: {kind: 'change', verb: 'roll', state: 'refused', instance: 'web.1'},
    });
    expect(await pidsOf(r.socket)).toEqual(before);
    expect(await get(r.port)).toMatch(/^v1/);
  });

  test('restart of one worker under load leaves the others; one that cannot be replaced stays', async () => {
    await using r = await running('--workers', '2');
    const [first, second] = await pidsOf(r.socket);
    const load = await startLoad(r.port, 10, 'get', 10);
    expect(await r.ctl('restart', 'web.1/2', '--wait')).toMatchObject({code: 0});
    expect((await load.finish()).lost).toBe(0);
    const after = await pidsOf(r.socket);
    expect(after[0]).toBe(first);
    expect(after[1]).not.toBe(second);
    await r.spoil();
    expect(await r.ctl('restart', '--wait')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('code 3'),
    });
    expect(await pidsOf(r.socket)).toEqual(after);
    const unknown = await r.ctl('restart', 'web.7');
    expect(unknown).toMatchObject({code: 1, stderr: expect.stringContaining('Nothing here is called web.7')});
    expect(unknown.stderr).toContain('web.1 (web.1/1 to /2)');
  });

  test('a worker that crashes while it is being replaced is replaced once', async () => {
    await using r = await running();
    const [victim] = await pidsOf(r.socket);
    const change = controlAt(r.socket).restart({wait: true});
    process.kill(victim!, 'SIGKILL');
    expect(await change).toMatchObject({state: 'done'});
    await until(async () => (await pidsOf(r.socket)).every((pid) => pid !== undefined && alive(pid)));
    expect(await pidsOf(r.socket)).toHaveLength(1);
    expect(await get(r.port)).toMatch(/^v1/);
  });

  test('resize under load: 1, 4, 2, and a roll keeps the size; no request is lost', async () => {
    await using r = await running();
    const load = await startLoad(r.port, 10, 'new', 5);
    expect(await r.ctl('resize', '4', '--wait')).toMatchObject({code: 0});
    expect(await pidsOf(r.socket)).toHaveLength(4);
    expect(await r.ctl('resize', 'web.1=2', '--wait')).toMatchObject({code: 0});
    expect(await pidsOf(r.socket)).toHaveLength(2);
    await controlAt(r.socket).roll({wait: true});
    expect(await pidsOf(r.socket)).toHaveLength(2);
    expect((await load.finish()).lost).toBe(0);
    expect(await r.ctl('resize', '0')).toMatchObject({code: 1, stderr: expect.stringContaining('from 1 to')});
    expect(await r.ctl('resize', 'two')).toMatchObject({code: 2});
    await r.spoil();
    expect(await controlAt(r.socket).resize({workers: 3, wait: true})).toMatchObject({state: 'refused'});
    expect(await pidsOf(r.socket)).toHaveLength(2);
  });

  test('changes at once: rolls are coalesced, all are answered, the count is right', async () => {
    await using r = await running('--workers', '2');
    const control = controlAt(r.socket);
    const changes = await Promise.all([
      ...Array.from({length: 5}, () => control.roll({wait: true})),
      control.resize({workers: 3, wait: true}),
      control.restart({wait: true}),
    ]);
    expect(new Set(changes.map(({state}) => state))).toEqual(new Set(['done']));
    const status = await control.status();
    expect(status.generations).toHaveLength(1);
    expect(Number(status.generations[0]!.name)).toBeLessThanOrEqual(3);
    expect(await pidsOf(r.socket)).toHaveLength(3);
  });

  test('signal goes to the workers, not to the supervisor', async () => {
    await using r = await running();
    const [pid] = await pidsOf(r.socket);
    expect(await r.ctl('signal', 'kill', 'web')).toMatchObject({
      code: 0,
      stdout: `SIGKILL was sent to ${pid}\n`,
    });
    await r.process.line('web.1 was ended by SIGKILL');
    expect(await r.ctl('signal', 'NOPE')).toMatchObject({code: 2});
  });

  test('stop --wait: drained, exit 0, and the socket is gone', async () => {
    await using r = await running();
    expect(await r.ctl('stop', '--wait')).toMatchObject({code: 0});
    expect(await r.process.exited).toEqual({code: 0, signal: null});
    expect(await readdir(join(r.socket, '..'))).toEqual([]);
    expect(await r.ctl('status')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No supervisor answers'),
    });
  });

  test('drain --notice: it serves on and says that it is leaving; SIGTERM then ends it at once', async () => {
    await using r = await running();
    expect(await r.ctl('drain', '--notice', '1h')).toMatchObject({code: 0, stdout: 'drain has begun\n'});
    expect(await controlAt(r.socket).status()).toMatchObject({state: 'leaving'});
    expect(await get(r.port)).toMatch(/^v1/);
    r.process.kill('SIGTERM');
    expect(await r.process.exited).toEqual({code: 0, signal: null});
  });
  test('drain --drain-reply 503: new requests are refused and their connection is closed; one in flight is answered', async () => {
    await using r = await running('--workers', '2');
    const slow = await fetch(`http://127.0.0.1:${r.port}/stream`, {headers: {connection: 'close'}});
    expect(await r.ctl('drain', '--notice', '1h', '--drain-reply', '503')).toMatchObject({code: 0});
    const refused = async (path: string, init?: RequestInit) => {
      const {headers, status} = await fetch(`http://127.0.0.1:${r.port}${path}`, init);
      return {status, connection: headers.get('connection')};
    };
    await until(async () => (await fetch(`http://127.0.0.1:${r.port}/`)).status === 503);
    const no = {status: 503, connection: 'close'};
    for (let each = 0; each < 4; each++) expect(await refused('/')).toEqual(no);
    expect(await refused('/', {method: 'POST', body: Buffer.alloc(2 ** 20)})).toEqual(no);
    expect(await slow.text()).toMatch(/last$/);
    const socket = net.connect(r.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1.1 503 .*\r\nConnection: close\r\n/);
    // One that takes the place of another meanwhile does as the others.
    const [first, second] = await pidsOf(r.socket);
    process.kill(first!, 'SIGKILL');
    await until(
      async () =>
        (await controlAt(r.socket).status()).generations[0]!.instances[0]!.workers[0]!.restarts === 1,
    );
    process.kill(second!, 'SIGSTOP');
    await until(async () => (await refused('/')).status === 503);
    process.kill(second!, 'SIGCONT');
    r.process.kill('SIGTERM');
    expect(await r.process.exited).toEqual({code: 0, signal: null});
    expect(await r.ctl('drain', '--drain-reply', '200')).toMatchObject({code: 2});
  });
});

describe('signals', () => {
  test('HUP rolls; TTIN and TTOU change the number of workers', async () => {
    await using r = await running();
    const before = await pidsOf(r.socket);
    r.process.kill('SIGHUP');
    await r.process.line('generation 2 takes traffic');
    await until(() => !alive(before[0]!));
    r.process.kill('SIGTTIN');
    await until(async () => (await pidsOf(r.socket)).length === 2);
    r.process.kill('SIGTTOU');
    r.process.kill('SIGTTOU');
    await until(async () => (await pidsOf(r.socket)).length === 1);
    expect(await get(r.port)).toMatch(/^v1/);
  });

  test('a storm of them neither loses nor doubles a worker', async () => {
    await using r = await running('--workers', '2');
    for (let count = 0; count < 200; count++)
      for (const name of ['SIGHUP', 'SIGUSR2', 'SIGTTOU'] as const) r.process.kill(name);
    await until(async () => (await controlAt(r.socket).status()).changing !== undefined);
    await until(
      async () => {
        const {changing, generations} = await controlAt(r.socket).status();
        return changing === undefined && generations.length === 1 && (await pidsOf(r.socket)).length === 1;
      },
      {timeoutMs: 30_000},
    );
    expect(await get(r.port)).toMatch(/^v1/);
  });
});

describe('the control socket', () => {
  const tell = async (path: string, question: string | Buffer): Promise<string> => {
    const socket = net.connect(path);
    socket.on('error', () => {});
    socket.write(question);
    return text(socket).catch(() => '');
  };

  test('is for its owner alone', async () => {
    await using r = await running();
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect([await mode(r.socket), await mode(join(r.socket, '..'))]).toEqual(['600', '700']);
  });

  test('what is no question is refused with the reason, and it goes on', async () => {
    const wrong = [
      ['garbage', 'hello\n', 'it is not JSON'],
      ['bytes', Buffer.from([0, 255, 254, 10]), 'it is not JSON'],
      ['no object', '[1]\n', 'it is no object'],
      ['an unknown verb', '{"verb":"toString"}\n', 'there is no verb'],
      ['a field of another verb', '{"verb":"status","wait":true}\n', 'status has no wait'],
      ['a wrong value', '{"verb":"resize","workers":"4"}\n', 'is no value for workers'],
      ['a missing value', '{"verb":"signal"}\n', 'signal needs signal'],
      ['a name of every object', '{"verb":"roll","__proto__":1,"constructor":1}\n', 'roll has no'],
      ['a line that is too long', 'x'.repeat(100_000), 'longer than 65536 bytes'],
    ] as const;
    await using r = await running();
    for (const [name, question, because] of wrong) {
      expect({name, ...JSON.parse(await tell(r.socket, question))}).toMatchObject({
        name,
        fault: {code: 'SUPERVISOR_CONTROL_QUESTION', message: expect.stringContaining(because)},
      });
    }
    expect(await controlAt(r.socket).status()).toMatchObject({state: 'running'});
  });

  test('hundreds of connections that ask nothing are bounded, and it goes on', async () => {
    await using r = await running();
    const silent = Array.from({length: 300}, () => net.connect(r.socket).on('error', () => {}));
    await Promise.all(silent.map((socket) => Promise.race([once(socket, 'connect'), once(socket, 'close')])));
    for (const socket of silent) socket.destroy();
    let state = '';
    await until(async () => {
      state = await controlAt(r.socket)
        .status()
        .then((status) => status.state)
        .catch(() => '');
      return state !== '';
    });
    expect(state).toBe('running');
    expect(await get(r.port)).toMatch(/^v1/);
  });

  test('one in use is refused before anything starts; one that was left behind is replaced', async () => {
    await using r = await running();
    const {code, stderr} = await runBin(run, ['--port', '1', '--control', r.socket, '--', 'node', app]);
    expect(code).toBe(1);
    expect(stderr).toContain('A supervisor answers on');
    r.process.kill('SIGKILL');
    await r.process.exited;
    expect((await stat(r.socket)).isSocket()).toBe(true);
    await using next = launchBin(run, [
      '--port',
      String(await freePort()),
      '--control',
      r.socket,
      '--',
      'node',
      app,
    ]);
    await next.line('takes traffic');
    expect(await controlAt(r.socket).status()).toMatchObject({pid: next.pid});
    next.kill('SIGTERM');
    expect((await next.exited).code).toBe(0);
  });

  test('a file or a link in its place stays as it is, and nothing starts', async () => {
    await using directory = await testdir({file: 'precious'});
    await symlink(directory.at('file'), directory.at('link'));
    for (const name of ['file', 'link']) {
      const {code, stderr} = await runBin(run, ['--control', directory.at(name), '--', 'node', app]);
      expect({code, stderr}).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('what is there is no socket'),
      });
    }
    expect(await directory.read('file')).toBe('precious');
    const long = await runBin(run, ['--control', directory.at('x'.repeat(120)), '--', 'node', app]);
    expect(long.stderr).toMatch(/bytes shorter/);
  });

  test('the client: nobody there, an abort while it waits', async () => {
    await using directory = await testdir();
    await expectFault(controlAt(directory.at('none')).status(), 'SUPERVISOR_NOT_RUNNING');
    const mute = net.createServer().listen(directory.at('mute'));
    await once(mute, 'listening');
    const abort = new AbortController();
    const asked = controlAt(directory.at('mute')).status({signal: abort.signal});
    const [connection] = await once(mute, 'connection');
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(asked).rejects.toBe(reason);
    connection.destroy();
    const unfinished = controlAt(directory.at('mute')).status();
    mute.on('connection', (socket) => socket.end('{"val'));
    await expectFault(unfinished, 'SUPERVISOR_CONTROL_GONE');
    mute.close();
  });
});
