import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {
  alive,
  freePort,
  launchBin,
  processesOf,
  processesWith,
  runBin,
  testdir,
  until,
} from '@keelson/test-kit';

const program = join(import.meta.dirname, '../test/fixtures/program.mjs');

describe('runBin', () => {
  test('hands over argv, cwd, env and input, and resolves with whatever came of it', async () => {
    await using dir = await testdir();
    const options = {cwd: dir.path, env: {MARK: 'x', HOME: undefined}, input: 'hello'};
    const {stdout, ...rest} = await runBin(program, ['report', 'a b', ''], options);
    expect(rest).toEqual({code: 3, signal: null, stderr: 'reported\n'});
    expect(JSON.parse(stdout)).toEqual({
      rest: ['a b', ''],
      cwd: dir.path,
      env: {MARK: 'x', NO_COLOR: '1'},
      input: 'hello',
    });
  });

  test('gives an empty stdin without input', async () => {
    expect((await runBin(program, ['report'])).stdout).toContain('"input":""');
  });

  test('kills it when aborted', async () => {
    const signal = AbortSignal.timeout(50);
    expect(await runBin(program, ['stay'], {signal})).toMatchObject({code: null, signal: 'SIGKILL'});
  });
});

describe('launchBin', () => {
  test('waits for whole lines, of the past too', async () => {
    await using launched = launchBin(program, ['stay']);
    expect(await launched.line(/^half/)).toMatch(/^half a line \d+$/);
    expect(await launched.line('half')).toMatch(/line/);
    launched.kill('SIGTERM');
    expect(await launched.exited).toEqual({code: 4, signal: null});
    expect(launched.stderr).toBe('told to end\n');
  });

  test('says when the line never came', async () => {
    await using launched = launchBin(program, ['report', 'x'], {input: ''});
    await expect(launched.line('no such line')).rejects.toThrow(
      /ended without printing no such line\n.*"rest":\["x"\]/,
    );
    await expect(launched.line('neither')).rejects.toThrow(/ended without/);
  });

  test('leaves nobody of its group behind', async () => {
    const launched = launchBin(program, ['stay']);
    const child = Number((await launched.line('half')).split(' ').at(-1));
    expect(new Set(processesOf(launched.pid))).toEqual(new Set([launched.pid, child]));
    await launched[Symbol.asyncDispose]();
    await until(() => processesOf(launched.pid).length === 0);
    expect(alive(child)).toBe(false);
  });
});

describe('processes', () => {
  test('a zombie is not alive', async () => {
    const seconds = `6${process.pid}.5`;
    const parent = spawn('/bin/sh', ['-c', `sleep 0.01 & echo $!; exec sleep ${seconds}`]);
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    await until(() => !alive(Number(String(chunk))));
    expect(() => process.kill(Number(String(chunk)), 0)).not.toThrow();
    expect(processesWith(seconds)).toEqual([parent.pid]);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(alive(parent.pid!)).toBe(false);
  });

  test('until gives up', async () => {
    await expect(until(() => false, {timeoutMs: 30, what: 'it'})).rejects.toThrow(
      'it did not come true within 30 ms',
    );
  });
});

test('freePort can be listened on', async () => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(port).toBeGreaterThan(1023);
  server.close();
});
