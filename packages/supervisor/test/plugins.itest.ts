import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {controlAt} from '@keelson/supervisor';
import {bin, freePort, type LaunchedBin, launchBin, runBin, testdir, until} from '@keelson/test-kit';
import {fixtures} from './load.ts';
import {get} from './workloads.ts';

const run = bin('supervisor', 'keelson-run');
const ctl = bin('supervisor', 'keelson-ctl');

interface Running extends AsyncDisposable {
  readonly port: number;
  readonly health: number;
  readonly folder: string;
  readonly socket: string;
  readonly process: LaunchedBin;
  metrics(): Promise<string>;
}

async function running(...flags: readonly string[]): Promise<Running> {
  const [port, health] = [await freePort(), await freePort()];
  const directory = await testdir();
  const socket = directory.at('run.sock');
  const own = ['--port', String(port), '--health-on', String(health), '--control', socket, '--grace', '2'];
  const command = ['--', 'node', join(fixtures, 'counting-app.cjs')];
  const program = launchBin(run, [...own, ...flags, ...command], {env: {PROM_FROM: import.meta.url}});
  await program.line('takes traffic');
  return {
    port,
    health,
    folder: directory.path,
    socket,
    process: program,
    metrics: () => get(health, '/metrics'),
    async [Symbol.asyncDispose]() {
      program.kill('SIGTERM');
      await program.exited;
      await directory[Symbol.asyncDispose]();
    },
  };
}

const plugin = (name: string): string[] => ['--plugin', join(fixtures, name)];

describe('plugins', () => {
  test('every hook, messages both ways, a check and metrics of its own, in order to the end', async () => {
    await using r = await running('--workers', '2', ...plugin('bus-plugin.mjs'));
    await r.process.line('heard {"heard":"web.1/2","worker":"2"} from web.1/2');
    expect(await get(r.port)).toMatch(/hello-web\.1/);
    expect(await r.metrics()).toBe('bus_heard 1\n');
    expect(await (await fetch(`http://127.0.0.1:${r.health}/readyz`)).text()).toBe('ok\n');
    expect(await controlAt(r.socket).plugins()).toEqual({
      kind: 'plugins',
      plugins: [
        {name: 'bus', state: 'active'},
        {name: 'health', state: 'active'},
      ],
    });
    r.process.kill('SIGTERM');
    expect((await r.process.exited).code).toBe(0);
    const said = r.process.stdout.split('\n').filter((line) => /^bus (shutdown|exit|end)/.test(line));
    expect(said).toEqual([
      'bus shutdown',
      expect.stringMatching(/^bus exit web\.1(\/2)? true$/),
      expect.stringMatching(/^bus exit web\.1(\/2)? true$/),
      'bus end',
    ]);
  });

  test('one that fails in everything is named, and changes nothing', async () => {
    await using r = await running(...plugin('failing-plugin.cjs'), ...plugin('bus-plugin.mjs'));
    await r.process.line('broken the plugin failed in beforeFork: broken on purpose');
    await r.process.line('bus ready web.1');
    expect(await r.metrics()).toBe('bus_heard 1\n');
    expect((await fetch(`http://127.0.0.1:${r.health}/readyz`)).status).toBe(200);
    await r.process.line('broken gave no answer to health within 500 ms');
    const {stdout} = await runBin(ctl, ['plugins', '--control', r.socket]);
    expect(stdout).toMatch(/^broken {2}active {2}metrics: broken on purpose\nbus {2}active\n/m);
  });

  test('what is no plugin is refused before anything starts', async () => {
    await using directory = await testdir({'plugin.mjs': 'export default 5', 'app.mjs': ''});
    for (const [name, because] of [
      ['./plugin.mjs', 'it exports no name and no setup function'],
      ['./missing.mjs', 'Cannot find module'],
    ] as const) {
      const {code, stderr} = await runBin(run, ['--plugin', name, '--', 'node', 'app.mjs'], {
        cwd: directory.path,
      });
      expect(code).toBe(1);
      expect(stderr).toContain(`The plugin ${name} cannot be used: ${because}`);
    }
  });
});

describe('metrics', () => {
  test('are added up over the workers; counters of one that is gone stay; one that hangs is left out in time', async () => {
    await using r = await running('--workers', '2', '--metrics');
    for (let at = 0; at < 5; at++) await get(r.port, '/count');
    expect(await r.metrics()).toMatch(/^app_requests_total 5$/m);
    await get(r.port, '/exit').catch(() => {});
    await until(async () => (await controlAt(r.socket).status()).crashes === 1);
    await until(async () => /^keelson_workers\{state="open"\} 2$/m.test(await r.metrics()));
    const after = await r.metrics();
    expect(after).toMatch(/^app_requests_total 5$/m);
    expect(after).toMatch(/^keelson_worker_restarts_total\{worker="web\.1(\/2)?"\} 1$/m);
    expect(after).toMatch(/^keelson_crashes_total 1$/m);
    expect(after).toMatch(/^keelson_limit\{of="memory",source="\w+"\} \d+$/m);
    expect(after).toMatch(/^keelson_worker_resident_bytes\{worker="web\.1"\} \d{7,}$/m);
    get(r.port, '/hang').catch(() => {});
    await until(async () => /^keelson_worker_up\{worker="web\.1(\/2)?"\} 0$/m.test(await r.metrics()));
    const partial = await r.metrics();
    expect(partial).toMatch(/^keelson_worker_up\{worker="web\.1(\/2)?"\} 1$/m);
    // The hung worker gets no drain.
    r.process.kill('SIGTERM');
    r.process.kill('SIGTERM');
  });

  test('are not there unless they are asked for', async () => {
    await using r = await running();
    const answer = await fetch(`http://127.0.0.1:${r.health}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([404, 'there are none: --metrics collects them\n']);
    expect(await runBin(run, ['--metrics', '--', 'node', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--metrics needs --health-on'),
    });
  });
});

describe('what a running worker can be asked', () => {
  test('its last lines, a log level, a heap snapshot, a profile', async () => {
    await using r = await running('--workers', '2');
    const control = controlAt(r.socket);
    expect(await control.logLevel({level: 'debug', target: 'web.1/2'})).toEqual({kind: 'told', workers: 1});
    await r.process.line('web.1/2 message {"type":"log-level","level":"debug"}');
    expect((await runBin(ctl, ['logs', '--control', r.socket])).stdout).toBe(
      'web.1/2 message {"type":"log-level","level":"debug"}\n',
    );
    const out = join(r.folder, 'made');
    const heap = await runBin(ctl, [
      'heap-snapshot',
      'web.1/1',
      '--out',
      out,
      '--control',
      r.socket,
      '--json',
    ]);
    const {files} = JSON.parse(heap.stdout);
    expect(files).toEqual([{worker: 'web.1', path: expect.stringMatching(/web\.1-.*\.heapsnapshot$/)}]);
    expect(Object.keys(JSON.parse(await readFile(files[0].path, 'utf8')))).toContain('snapshot');
    const profile = await runBin(ctl, ['cpu-profile', '--for', '100ms', '--out', out, '--control', r.socket]);
    expect(profile.code).toBe(0);
    expect((await readdir(out)).filter((name) => name.endsWith('.cpuprofile'))).toHaveLength(2);
    const unknown = await runBin(ctl, ['cpu-profile', 'web.7', '--control', r.socket]);
    expect(unknown).toMatchObject({code: 1, stderr: expect.stringContaining('Nothing here is called web.7')});
  });
});
