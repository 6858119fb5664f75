import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import {join} from 'node:path';
import {PassThrough} from 'node:stream';
import {gunzipSync} from 'node:zlib';

import {describe, expect, test} from '@jest/globals';
import {
  createSink,
  createTagger,
  listRotatedFiles,
  type SinkEvent,
  type TaggerEvent,
} from '@keelson/log-tagger';
import {describeWith, launchBin, packageRoot, testdir, until} from '@keelson/test-kit';

import {deliver} from './deliver.ts';
import {canMount, smallDisk} from './small-disk.ts';

const FIXTURES = join(packageRoot(import.meta.url), 'test/fixtures');
const numbered = (from: number, to: number, length = 100) =>
  Array.from({length: to - from}, (_, index) => `${`line ${from + index} `.padEnd(length - 1, '.')}\n`).join(
    '',
  );
const describeWithDisk = canMount() ? describe : describe.skip;

async function everything(path: string): Promise<string> {
  const rotated = await listRotatedFiles(path);
  return [...rotated.map((one) => one.path), path].map((one) => readFileSync(one, 'latin1')).join('');
}

describeWithDisk('a disk that is full (needs root, to mount one)', () => {
  test('the file sink tears and doubles nothing, and all is there when there is room again', async () => {
    using tmpfs = smallDisk('1m');
    const disk = tmpfs.path;
    writeFileSync(join(disk, 'filler'), Buffer.alloc(500_000));
    const path = join(disk, 'log');
    const sink = createSink(`${path}?size=150000&keep=100`);
    await sink.open();
    let text = numbered(0, 8000);
    const error = await Promise.resolve(sink.write(text)).catch((reason) => reason);
    expect(error).toMatchObject({code: 'ENOSPC'});
    expect(text[error.written - 1]).toBe('\n');
    await expect(sink.open()).rejects.toMatchObject({code: 'ENOSPC'});
    text = text.slice(error.written);
    rmSync(join(disk, 'filler'));
    await sink.open();
    // Somebody else's line in between does not tear ours.
    await sink.write('between\n');
    await sink.write(text);
    await sink.close();
    const all = await everything(path);
    expect(all.replace('between\n', '')).toBe(numbered(0, 8000));
    expect(all.split('\n').filter((one) => one === 'between')).toHaveLength(1);
  });

  test('a tagger drives it: the sources go on, and the lines come when there is room', async () => {
    using tmpfs = smallDisk('1m');
    const disk = tmpfs.path;
    writeFileSync(join(disk, 'filler'), Buffer.alloc(900_000));
    const events: TaggerEvent[] = [];
    const tagger = createTagger({
      sink: createSink(join(disk, 'log')),
      timestamps: 'none',
      onEvent(event) {
        events.push(event);
        if (event.type === 'log-tagger:sink-failed') rmSync(join(disk, 'filler'));
      },
    });
    const stream = new PassThrough();
    const read = tagger.attach({tag: '', stream});
    stream.end(numbered(0, 6000));
    await read;
    await until(() => events.some(({type}) => type === 'log-tagger:sink-recovered'));
    await tagger.close();
    expect(readFileSync(join(disk, 'log'), 'latin1')).toBe(numbered(0, 6000));
  });
});

test('killed while it compresses: the file is whole, and the next start compresses it', async () => {
  const name = 'log.20260101T000000.000Z';
  const content = Array.from({length: 400_000}, () => `${Math.random()} ${Math.random()}\n`).join('');
  await using dir = await testdir({[name]: content});
  const hold = () => launchBin(join(FIXTURES, 'hold-sink.mjs'), [`${dir.at('log')}?size=1M&gzip`]);
  const isPart = (one: string) => one.endsWith('.part');
  {
    await using holding = hold();
    await until(async () => (await dir.list()).some(isPart));
    holding.kill('SIGKILL');
    await holding.exited;
  }
  expect((await dir.list()).filter(isPart)).toHaveLength(1);
  expect((await dir.read(name)) === content).toBe(true);
  await using holding = hold();
  await until(async () => (await dir.list()).join() === `log,${name}.gz`, {timeoutMs: 30_000});
  holding.stdin.end();
  expect(await holding.exited).toEqual({code: 0, signal: null});
  expect(gunzipSync(readFileSync(dir.at(`${name}.gz`))).toString() === content).toBe(true);
});

test('no file descriptor left: the file grows on, and is rotated later', async () => {
  await using dir = await testdir({});
  const script = `ulimit -n 100; exec "$0" "$@"`;
  const output = execFileSync(
    '/bin/sh',
    ['-c', script, process.execPath, join(FIXTURES, 'crowded-writer.mjs'), dir.at('log')],
    {
      encoding: 'utf8',
      env: {...process.env, NODE_OPTIONS: ''},
    },
  );
  expect(JSON.parse(output)).toEqual(['EMFILE', 'log-tagger:rotation-failed', 'reopen EMFILE']);
  expect(await everything(dir.at('log'))).toBe(numbered(0, 20, 50));
  expect((await listRotatedFiles(dir.at('log'))).length).toBeGreaterThan(4);
});

describe('a command', () => {
  test('gets every line, and the end of its input', async () => {
    await using dir = await testdir({});
    const sink = createSink(`|cat >"${dir.at('out')}"; echo end >>"${dir.at('out')}"`);
    await sink.open();
    await sink.write(numbered(0, 20_000));
    await sink.write('\xff\x00\r\n');
    await sink.close();
    expect(readFileSync(dir.at('out'), 'latin1')).toBe(`${numbered(0, 20_000)}\xff\x00\r\nend\n`);
  });

  test('of words sees no shell', async () => {
    await using dir = await testdir({});
    const sink = createSink({kind: 'command', command: ['tee', dir.at('$HOME;x')]});
    await sink.open();
    await sink.close();
    expect(await dir.list()).toEqual(['$HOME;x']);
  });

  test.each([
    ['|no-such-program-anywhere', 'EPIPE'],
    ['|exit 3', 'EPIPE'],
  ])('%s: open says so, and waits before it starts it again', async (text, code) => {
    const events: SinkEvent[] = [];
    const sink = createSink(text, {onEvent: (event) => events.push(event)});
    await expect(sink.open()).rejects.toMatchObject({code});
    await expect(sink.open()).rejects.toMatchObject({code: 'EAGAIN'});
    expect(events).toHaveLength(1);
    await sink.close();
  });

  test('that is not there', async () => {
    const sink = createSink({kind: 'command', command: ['/no/such/program']});
    await expect(sink.open()).rejects.toMatchObject({code: 'ENOENT'});
  });

  test('that dies is started again, and what failed is not lost', async () => {
    await using dir = await testdir({});
    const events: TaggerEvent[] = [];
    const tagger = createTagger({
      sink: createSink(
        `|while read -r line; do echo "$line" >>"${dir.at('out')}"; [ "$line" = die ] && kill -9 $$; done`,
      ),
      timestamps: 'none',
      onEvent: (event) => events.push(event),
    });
    const stream = new PassThrough();
    void tagger.attach({tag: '', stream});
    stream.write('one\ndie\n');
    await until(() => statSync(dir.at('out'), {throwIfNoEntry: false})?.size === 8);
    await until(() => {
      stream.write('two\n');
      return events.some(({type}) => type === 'log-tagger:sink-failed');
    });
    stream.end('three\n');
    await until(() => events.some(({type}) => type === 'log-tagger:sink-recovered'));
    await tagger.close();
    const lines = (await dir.read('out')).split('\n');
    expect(lines.slice(0, 2)).toEqual(['one', 'die']);
    expect(lines.slice(-3)).toEqual(['two', 'three', '']);
  });

  test('that reads nothing counts as failed, and gets its lines once when it reads', async () => {
    await using dir = await testdir({});
    const sink = createSink({
      kind: 'command',
      command: `until [ -e "${dir.at('go')}" ]; do sleep 0.05; done; cat >"${dir.at('out')}"`,
      wait: 100,
    });
    await sink.open();
    let text = numbered(0, 20_000);
    const error = await Promise.resolve(sink.write(text)).catch((reason) => reason);
    expect(error).toMatchObject({code: 'ETIMEDOUT'});
    await expect(sink.open()).rejects.toMatchObject({code: 'ETIMEDOUT'});
    text = text.slice(error.written);
    await dir.write({go: ''});
    await deliver(sink, text);
    await sink.close();
    expect(await dir.read('out')).toBe(numbered(0, 20_000));
  });
});

describeWith(['mkfifo'], 'a fifo', () => {
  test('is made, for its owner alone; opening waits for nobody; a reader gets what is there', async () => {
    await using dir = await testdir({});
    const sink = createSink(`fifo:${dir.at('pipe')}`);
    await sink.open();
    expect(statSync(dir.at('pipe')).isFIFO()).toBe(true);
    expect(statSync(dir.at('pipe')).mode & 0o777).toBe(0o600);
    await sink.write('one\ntwo\n');
    const reader = spawn('head', ['-n', '2', dir.at('pipe')], {stdio: ['ignore', 'pipe', 'ignore']});
    expect(String((await once(reader.stdout, 'data'))[0])).toBe('one\ntwo\n');
    await sink.close();
  });

  test('readers come and go under load: all that was written is read once', async () => {
    await using dir = await testdir({});
    const sink = createSink(`fifo:${dir.at('pipe')}`);
    await sink.open();
    const writing = (async () => {
      for (let index = 0; index < 20_000; index += 100) await sink.write(numbered(index, index + 100));
      await sink.close();
    })();
    // Whole records of a fixed size, so that a reader that leaves takes no half line along.
    let text = '';
    while (text.length < 2_000_000) {
      const reader = spawn(
        'dd',
        [`if=${dir.at('pipe')}`, 'bs=100', 'count=4000', 'iflag=fullblock', 'status=none'],
        {stdio: ['ignore', 'pipe', 'inherit']},
      );
      for await (const chunk of reader.stdout) text += (chunk as Buffer).toString('latin1');
    }
    await writing;
    expect(text).toBe(numbered(0, 20_000));
  });

  test('nobody reads: failed after a while, nothing torn or doubled when somebody does', async () => {
    await using dir = await testdir({});
    const sink = createSink(`fifo:${dir.at('pipe')}?wait=50ms`);
    await sink.open();
    let text = numbered(0, 3000, 97);
    const error = await Promise.resolve(sink.write(text)).catch((reason) => reason);
    expect(error).toMatchObject({code: 'EAGAIN'});
    expect(text[error.written - 1]).toBe('\n');
    await expect(sink.open()).rejects.toMatchObject({code: 'EAGAIN'});
    text = text.slice(error.written);
    const reader = spawn('cat', [dir.at('pipe')], {stdio: ['ignore', 'pipe', 'inherit']});
    let read = '';
    reader.stdout.setEncoding('latin1').on('data', (chunk: string) => (read += chunk));
    await deliver(sink, text);
    await sink.close();
    await once(reader, 'close');
    expect(read).toBe(numbered(0, 3000, 97));
  });

  test('something else in its place is refused; one that is made anew is followed', async () => {
    await using dir = await testdir({file: ''});
    await expect(createSink(`fifo:${dir.at('file')}`).open()).rejects.toMatchObject({code: 'EINVAL'});
    await expect(createSink(`fifo:${dir.at('no/dir')}`).open()).rejects.toMatchObject({code: 'EIO'});
    const sink = createSink(`fifo:${dir.at('pipe')}`);
    await sink.open();
    await sink.write('old\n');
    rmSync(dir.at('pipe'));
    execFileSync('sh', ['-c', 'mkfifo "$0"', dir.at('pipe')]);
    await sink.write('new\n');
    const reader = spawn('head', ['-n', '1', dir.at('pipe')], {stdio: ['ignore', 'pipe', 'ignore']});
    expect(String((await once(reader.stdout, 'data'))[0])).toBe('new\n');
    await sink.close();
    await expect(createSink(`file:${dir.at('pipe')}`).open()).rejects.toMatchObject({code: 'EINVAL'});
  });
});

test('file, syslog and command at once: one that fails delays nobody, and gets its lines later', async () => {
  await using dir = await testdir({'sub/': ''});
  const port = await (async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const found = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
    return found;
  })();
  const events: TaggerEvent[] = [];
  const tagger = createTagger({
    sink: [dir.at('sub/log'), `syslog+tcp://127.0.0.1:${port}`, `|cat >"${dir.at('out')}"`].map((to) =>
      createSink(to),
    ),
    timestamps: 'none',
    onEvent: (event) => events.push(event),
  });
  const stream = new PassThrough();
  const read = tagger.attach({tag: '', stream});
  stream.write(numbered(0, 2000));
  await until(() =>
    ['out', 'sub/log'].every((name) => statSync(dir.at(name), {throwIfNoEntry: false})?.size === 200_000),
  );
  await until(() =>
    events.some((event) => event.type === 'log-tagger:sink-failed' && event.sink.startsWith('syslog')),
  );
  // The file's directory goes, too.
  renameSync(dir.at('sub'), dir.at('gone'));
  stream.write(numbered(2000, 3000));
  await until(() => statSync(dir.at('sub/log'), {throwIfNoEntry: false})?.size === 100_000);
  let syslog = '';
  const server = createServer((socket) => socket.on('data', (chunk) => (syslog += String(chunk)))).listen(
    port,
    '127.0.0.1',
  );
  await until(() => events.some(({type}) => type === 'log-tagger:sink-recovered'));
  stream.end();
  await read;
  await tagger.close();
  server.close();
  expect(readFileSync(dir.at('out'), 'latin1')).toBe(numbered(0, 3000));
  expect(readFileSync(dir.at('gone/log'), 'latin1') + readFileSync(dir.at('sub/log'), 'latin1')).toBe(
    numbered(0, 3000),
  );
  await until(() => syslog.includes('line 2999 '));
  expect(syslog.match(/line \d+ /g)).toEqual(Array.from({length: 3000}, (_, index) => `line ${index} `));
});
