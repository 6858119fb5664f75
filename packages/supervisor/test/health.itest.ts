import http from 'node:http';
import {once} from 'node:events';
import {text} from 'node:stream/consumers';
import {describe, expect, test} from '@jest/globals';
import {alive, freePort, launchBin, bin, runBin, testdir, until} from '@keelson/test-kit';
import {join} from 'node:path';
import {controlAt} from '@keelson/supervisor';
import {fixtures} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const app = join(fixtures, 'app.mjs');

async function ask(where: http.RequestOptions, path: string): Promise<{code: number; body: string}> {
  const request = http.get({host: '127.0.0.1', ...where, path, agent: false});
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return {code: response.statusCode!, body: await text(response)};
}

async function running(flags: readonly string[], env: Record<string, string> = {}) {
  const port = await freePort();
  const health = {port: await freePort()};
  const argv = ['--port', String(port), '--health', '/health', '--health-on', String(health.port), ...flags];
  const program = launchBin(run, [...argv, '--', 'node', app], {env});
  return {
    port,
    program,
    ask: (path: string) => ask(health, path),
    async [Symbol.asyncDispose]() {
      program.kill('SIGTERM');
      await program.exited;
    },
  };
}

describe('health endpoints', () => {
  test('while it serves: 200; what else is asked is refused', async () => {
    await using r = await running(['--workers', '2']);
    await r.program.line('takes traffic');
    expect(await r.ask('/livez')).toEqual({code: 200, body: 'ok\n'});
    expect(await r.ask('/readyz?verbose')).toEqual({code: 200, body: 'ok\n'});
    const {code, body} = await r.ask('/health');
    expect({code, value: JSON.parse(body)}).toMatchObject({
      code: 200,
      value: {
        kind: 'service-health',
        status: 'pass',
        live: true,
        ready: true,
        notes: [],
        service: {crashes: 0},
      },
    });
    expect((await r.ask('/')).code).toBe(404);
    expect((await r.ask('//')).code).toBe(404);
  });

  test('while it starts it lives and is not ready', async () => {
    await using r = await running([], {MODE: 'hang'});
    await until(() =>
      r.ask('/livez').then(
        ({code}) => code === 200,
        () => false,
      ),
    );
    expect(await r.ask('/readyz')).toEqual({code: 503, body: 'failed\nit starts\n'});
    expect(await r.program.line('hang begins')).toBeTruthy();
  });

  test('with every worker hung both say 503, and heartbeats tell how long', async () => {
    await using r = await running(['--workers', '2']);
    await r.program.line('takes traffic');
    const pids = [...r.program.stderr.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid));
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await until(async () => (await r.ask('/livez')).code === 503);
    expect((await r.ask('/readyz')).body).toContain('2 of 2 workers of web.1 do not answer');
    const health = JSON.parse((await r.ask('/health')).body);
    expect(health).toMatchObject({status: 'fail', live: false, ready: false});
    expect(health.service.generations[0].instances[0].workers[0].heartbeatMs).toBeGreaterThanOrEqual(1000);
    process.kill(pids[0]!, 'SIGCONT');
    await until(async () => (await r.ask('/readyz')).code === 200);
    expect(JSON.parse((await r.ask('/health')).body)).toMatchObject({status: 'warn', ready: true});
    process.kill(pids[1]!, 'SIGCONT');
  });

  test('while it leaves: ready is 503, live is 200, and it serves on', async () => {
    await using directory = await testdir();
    await using r = await running(['--control', directory.at('run.sock')]);
    await r.program.line('takes traffic');
    await controlAt(directory.at('run.sock')).drain({noticeMs: 60_000});
    expect(await r.ask('/readyz')).toEqual({code: 503, body: 'failed\nit is shutting down\n'});
    expect((await r.ask('/livez')).code).toBe(200);
    expect(await get(r.port)).toMatch(/^v1/);
  });

  test('--notice: SIGTERM turns ready first, and ends it then', async () => {
    await using r = await running(['--notice', '700ms']);
    await r.program.line('takes traffic');
    r.program.kill('SIGTERM');
    await until(async () => (await r.ask('/readyz')).code === 503);
    expect(await get(r.port)).toMatch(/^v1/);
    expect(await r.program.exited).toEqual({code: 0, signal: null});
  });

  test('--health-path: workers answer it on the port of the app, 503 while it leaves', async () => {
    await using directory = await testdir();
    const socket = directory.at('run.sock');
    await using r = await running(['--control', socket, '--health-path', '/up']);
    await r.program.line('takes traffic');
    expect(await ask({port: r.port}, '/up?x')).toEqual({code: 200, body: '{"status":"pass"}'});
    expect(await get(r.port)).toMatch(/^v1/);
    await controlAt(socket).drain({noticeMs: 60_000});
    await until(async () => (await ask({port: r.port}, '/up')).code === 503);
    expect(await get(r.port)).toMatch(/^v1/);
    const same = await runBin(run, ['--health', '/up', '--health-path', '/up', '--', 'node', app]);
    expect(same.code).toBe(2);
  });

  test('on a unix socket; a port in use is a fault, and nothing is started', async () => {
    await using directory = await testdir();
    const port = String(await freePort());
    const socketPath = directory.at('health/h.sock');
    await using program = launchBin(run, ['--port', port, '--health-on', socketPath, '--', 'node', app]);
    await program.line('takes traffic');
    expect((await ask({socketPath}, '/readyz')).code).toBe(200);
    const second = await runBin(run, ['--port', '0', '--health-on', port, '--', 'node', app]);
    expect(second).toMatchObject({code: 1, stdout: '', stderr: expect.stringContaining('EADDRINUSE')});
    expect(await runBin(run, ['--health-on', 'here', '--', 'node', app])).toMatchObject({code: 2});
    program.kill('SIGTERM');
    expect((await program.exited).code).toBe(0);
    expect(await directory.list()).toEqual([]);
  });
});

describe('--hang-limit', () => {
  test('a worker that hangs prints its stack, is killed and replaced; the other serves', async () => {
    const port = await freePort();
    await using program = launchBin(
      run,
      ['--port', String(port), '--health', '/health', '--hang-limit', '700ms', '--', 'node', app],
      {env: {MODE: 'hang-on-request'}},
    );
    await program.line('takes traffic');
    const pid = Number(/pid (\d+)/.exec(program.stderr)![1]);
    const lost = get(port).catch(() => 'lost');
    await program.line(/web\.1 The event loop has stood still for \d+\.\d s, here:/);
    await program.line(/web\.1 {5}at busyHandler \(file:.*app\.mjs:\d+:\d+\)/);
    await program.line('web.1 was ended by SIGKILL');
    await program.line('web.1 starts again');
    expect(await lost).toBe('lost');
    expect(alive(pid)).toBe(false);
    program.kill('SIGTERM');
    expect((await program.exited).code).toBe(0);
  });
});
