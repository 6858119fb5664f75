import {spawn, type StdioOptions} from 'node:child_process';
import {once} from 'node:events';
import {openSync, closeSync} from 'node:fs';
import {copyFile} from 'node:fs/promises';
import net, {type AddressInfo} from 'node:net';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';

import {describe, expect, test} from '@jest/globals';
import {blockingOutput} from '@keelson/log-tagger';
import {bin, describeWith, packageRoot, runBin, testdir} from '@keelson/test-kit';

const ROOT = packageRoot(import.meta.url);
const TAG = bin('log-tagger');
const PRELOAD = join(ROOT, 'dist/preload.cjs');
const COUNT = 20_001; // 2 MB: far more than a pipe or a socket holds
const fixture = (name: string) => join(ROOT, 'test/fixtures/preload', name);
const plain = {PATH: process.env['PATH']!};
const env = blockingOutput(plain);

interface Run {
  readonly env?: Record<string, string>;
  readonly stdio?: StdioOptions;
}

/** Runs Node to its end; what it prints is read only when it waits for that, or has ended. */
async function node(words: readonly string[], {env: its = env, stdio}: Run = {}) {
  const child = spawn(process.execPath, words, {env: its, stdio: stdio ?? ['ignore', 'pipe', 'pipe']});
  const text = {out: '', err: ''};
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.err += chunk));
  // Readable: the first bytes are here. The writer goes on meanwhile, until the pipe is full or it has ended.
  if (child.stdout) await Promise.race([once(child.stdout, 'readable'), closed]);
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
  const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null];
  await closed;
  return {code, signal, ...text};
}

const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('line '));
const all = Array.from({length: COUNT}, (_, at) => `line ${at} `.padEnd(99, '.'));

describe('a Node program that ends right after its last line loses none', () => {
  const stack =
    /^problem\n[\s\S]+Error: it broke\n {4}at [\s\S]+Error: the cause\n +at [\s\S]+\nNode\.js v[\d.]+\n$/;

  test.each([
    ['burst.cjs', 'exit', {code: 0, signal: null, err: 'problem\n'}],
    ['burst.mjs', 'exit', {code: 0, signal: null, err: 'problem\n'}],
    ['burst.cjs', 'throw', {code: 1, signal: null, err: expect.stringMatching(stack)}],
    ['burst.mjs', 'throw', {code: 1, signal: null, err: expect.stringMatching(stack)}],
    ['burst.cjs', 'reject', {code: 1, signal: null, err: expect.stringContaining('nobody listens')}],
    ['burst.cjs', 'kill', {code: null, signal: 'SIGKILL', err: 'problem\n'}],
    ['burst.cjs', 'last', {code: 0, signal: null, err: 'problem\n'}],
    ['thread.mjs', 'exit', {code: 0, signal: null, err: ''}],
  ])('%s, %s', async (program, end, exit) => {
    const {out, ...rest} = await node([fixture(program), `${COUNT}`, end]);
    expect(rest).toEqual(exit);
    expect(lines(out)).toEqual(all);
  });

  test('keelson-tag loads it for its command, also behind a shell', async () => {
    const run = (...words: string[]) => runBin(TAG, ['--timestamps', 'none', '--tag', 'x', ...words]);
    const exit = await run('node', fixture('burst.cjs'), `${COUNT}`, 'exit');
    expect(exit.code).toBe(0);
    expect(exit.stdout.split('\n').filter((line) => line.startsWith('x line'))).toHaveLength(COUNT);
    const shell = await run('sh', '-c', `node '${fixture('burst.cjs')}' ${COUNT} throw; exit 3`);
    expect(shell.code).toBe(3);
    expect(shell.stdout.split('\n').filter((line) => line.startsWith('x line'))).toHaveLength(COUNT);
    expect(shell.stdout).toMatch(/\nx {5}at .*\n[\s\S]*\nx Node\.js v/);
  });

  test('keelson-tag --no-preload does not', async () => {
    const {stdout} = await runBin(TAG, [
      '--no-preload',
      '--format',
      'json',
      'node',
      fixture('surroundings.cjs'),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({options: '', get: 'function'});
    expect(JSON.parse(stdout)).not.toHaveProperty('output');
  });

  test.each(['--require', '--import'])('%s @keelson/log-tagger/preload', async (option) => {
    const child = spawn(
      process.execPath,
      [option, '@keelson/log-tagger/preload', fixture('burst.cjs'), `${COUNT}`, 'exit'],
      {
        cwd: ROOT,
        env: plain,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    await once(child.stdout, 'readable');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(child, 'close');
    expect(lines(text)).toEqual(all);
  });
});

describe('what a program starts', () => {
  test('a child on the same pipes loses nothing', async () => {
    const result = await node([fixture('children.mjs'), 'inherit', `${COUNT}`]);
    expect(result.code).toBe(0);
    expect(lines(result.out)).toEqual(all);
  });

  test('a child whose pipes its parent never reads ends as it does without us', async () => {
    expect(await node([fixture('children.mjs'), 'pipe', `${COUNT}`])).toMatchObject({code: 0, out: ''});
  });

  test('its own main file may be of a language that a --require teaches Node', async () => {
    await using dir = await testdir({'main.upside': '(not JavaScript)'});
    const result = await node(['--require', fixture('hook.cjs'), dir.at('main.upside')]);
    expect(result).toMatchObject({code: 0, out: 'other language\n'});
  });
});

describe('dependencies behind links, as pnpm installs them, are found', () => {
  test.each(['main.cjs', 'main.mjs'])('%s', async (main) => {
    await using dir = await testdir({
      'main.cjs': `console.log(require('outer'))`,
      'main.mjs': `import outer from 'outer'; console.log(outer)`,
      'node_modules/outer': {link: '.store/outer/node_modules/outer'},
      'node_modules/.store/outer/node_modules/outer/index.js': `module.exports = require('inner')`,
      'node_modules/.store/outer/node_modules/inner/index.js': `module.exports = 'found'`,
    });
    expect(await node([dir.at(main)])).toMatchObject({code: 0, out: 'found\n'});
  });
});

describe('blocking or not', () => {
  const blocking = async (stdio: (at: (path: string) => string) => StdioOptions, its = env) => {
    await using dir = await testdir({});
    const answer = dir.at('flags.json');
    const child = spawn(process.execPath, [fixture('flags.cjs'), answer], {
      env: its,
      stdio: stdio((path) => dir.at(path)),
    });
    child.stdout?.resume();
    child.stderr?.resume();
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    return JSON.parse(await dir.read('flags.json')) as boolean[];
  };
  /** The accepted end of a connection. */
  const connection = async (path?: string) => {
    const server = net.createServer().listen(path ? {path} : {port: 0, host: '127.0.0.1'});
    await once(server, 'listening');
    const client = net.connect(
      path ? {path} : {port: (server.address() as AddressInfo).port, host: '127.0.0.1'},
    );
    client.resume();
    const [socket] = (await once(server, 'connection')) as [net.Socket];
    return {
      socket,
      [Symbol.dispose]() {
        socket.destroy();
        client.destroy();
        server.close();
      },
    };
  };

  test('pipes: both', async () => {
    expect(await blocking(() => ['ignore', 'pipe', 'pipe'])).toEqual([true, true, true]);
  });

  test('pipes with KEELSON_OUTPUT=async: as Node has them', async () => {
    const its = blockingOutput({...plain, KEELSON_OUTPUT: 'async'});
    expect(await blocking(() => ['ignore', 'pipe', 'pipe'], its)).toEqual([true, false, false]);
    expect(await blocking(() => ['ignore', 'pipe', 'pipe'], {...env, KEELSON_OUTPUT: 'async'})).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('a file stays as it is', async () => {
    await using dir = await testdir({});
    const file = openSync(dir.at('log'), 'a');
    expect(await blocking(() => ['ignore', file, file])).toEqual([true, true, true]);
    closeSync(file);
    expect(await dir.read('log')).toBe('out\nerr\n');
  });

  test('a TCP connection stays as it is', async () => {
    using tcp = await connection();
    expect(await blocking(() => ['ignore', tcp.socket, 'pipe'])).toEqual([true, false, true]);
  });

  test('a unix socket that is stdin as well stays as it is', async () => {
    await using dir = await testdir({});
    using unix = await connection(dir.at('socket'));
    const [, out, err] = await blocking(() => [unix.socket, unix.socket, 'pipe']);
    expect({out, err}).toEqual({out: false, err: true});
  });

  test('closed descriptors', async () => {
    await using dir = await testdir({});
    const line = `exec "${process.execPath}" "${fixture('flags.cjs')}" "$0" >&- 2>&-`;
    const child = spawn('sh', ['-c', line, dir.at('flags.json')], {env, stdio: ['ignore', 'pipe', 'pipe']});
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

const TERMINAL = 'script'; // of bsdutils or util-linux: runs a command in a terminal of its own

describeWith([TERMINAL], 'a terminal', () => {
  test('stays as it is', async () => {
    await using dir = await testdir({});
    const command = `"${process.execPath}" "${fixture('flags.cjs')}" "${dir.at('flags.json')}"`;
    const child = spawn(TERMINAL, ['-qec', command, '/dev/null'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'close');
    expect(text.replaceAll('\r', '')).toContain('out\nerr\n');
  });
});

describe('a reader that has stopped reading', () => {
  const start = async (...words: string[]) => {
    const child = spawn(process.execPath, [fixture('signal.cjs'), ...words], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(child, 'close');
    await once(child.stderr, 'data'); // `begin`
    await once(child.stdout, 'readable');
    return {child, exited};
  };

  test('SIGTERM ends the writer', async () => {
    const {child, exited} = await start(`${COUNT}`);
    child.kill('SIGTERM');
    await once(child, 'exit');
    child.stdout.destroy();
    expect(await exited).toEqual([null, 'SIGTERM']);
  });

  test('a SIGTERM handler runs when the reader goes on; SIGKILL does not wait', async () => {
    const {child, exited} = await start(`${COUNT}`, 'handle');
    child.kill('SIGTERM');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    expect(await exited).toEqual([7, null]);
    expect(text).toBe([...all, 'last', ''].join('\n'));

    const second = await start(`${COUNT}`, 'handle');
    second.child.kill('SIGKILL');
    await once(second.child, 'exit');
    second.child.stdout.destroy();
    expect(await second.exited).toEqual([null, 'SIGKILL']);
  });
});

describe('blockingOutput', () => {
  const ours = `--require=${/\s/.test(PRELOAD) ? JSON.stringify(PRELOAD) : PRELOAD}`;

  test.each([
    ['nothing', {A: 'a'}, {A: 'a', NODE_OPTIONS: ours}],
    ['an undefined value', {A: undefined}, {NODE_OPTIONS: ours}],
    [
      'options of the user',
      {NODE_OPTIONS: '--no-warnings -r "./a b.js"'},
      {NODE_OPTIONS: `${ours} --no-warnings -r "./a b.js"`},
    ],
    ['empty options', {NODE_OPTIONS: ''}, {NODE_OPTIONS: ours}],
    ['ours, already there', {NODE_OPTIONS: ours}, {NODE_OPTIONS: ours}],
    ['pipes of a program further up', {KEELSON_OUTPUT: '13:4711'}, {NODE_OPTIONS: ours}],
    ['switched off', {KEELSON_OUTPUT: 'async', A: 'a'}, {KEELSON_OUTPUT: 'async', A: 'a'}],
    [
      'the permission model of Node 20, which would not let it read the preload',
      {NODE_OPTIONS: '--experimental-permission --allow-fs-read=/app'},
      {NODE_OPTIONS: '--experimental-permission --allow-fs-read=/app'},
    ],
    [
      'a like-named option',
      {NODE_OPTIONS: '--title=--experimental-permissions'},
      {NODE_OPTIONS: `${ours} --title=--experimental-permissions`},
    ],
  ])('%s', (_, before, after) => {
    expect(blockingOutput(before)).toEqual(after);
  });

  test('an installation path with blanks, quotes, backslashes and more', async () => {
    await using dir = await testdir({
      [String.raw`a b/"c" \d\\ 'é' $E %20/package.json`]: '{"type": "module"}',
    });
    const folder = dir.at(String.raw`a b/"c" \d\\ 'é' $E %20`);
    for (const file of ['blocking-output.js', 'preload.cjs'])
      await copyFile(join(ROOT, 'dist', file), join(folder, file));
    const other = (await import(pathToFileURL(join(folder, 'blocking-output.js')).href)) as {
      blockingOutput: typeof blockingOutput;
    };
    const its = other.blockingOutput({...plain, NODE_OPTIONS: '--no-warnings'});
    // Twice: with ours from here, as under two installations.
    for (const one of [its, blockingOutput(its)]) {
      const result = await node([fixture('burst.cjs'), `${COUNT}`, 'exit'], {env: one});
      expect(result.err).toBe('problem\n');
      expect(lines(result.out)).toEqual(all);
    }
  });

  test('what the program sees', async () => {
    const seen = JSON.parse((await node([fixture('surroundings.cjs')])).out) as Record<string, unknown>;
    expect(seen).toEqual({
      options: ours,
      output: expect.stringMatching(/^\d+:\d+,\d+:\d+$/),
      rest: {configurable: true, enumerable: true},
      get: 'function',
      set: 'undefined',
    });
  });
});
