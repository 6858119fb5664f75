import {once} from 'node:events';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {createSocket} from 'node:dgram';

import {afterEach, describe, expect, test} from '@jest/globals';
import {createSink, type FormatOptions, type LineFormat, type Sink} from '@keelson/log-tagger';
import {testdir, until} from '@keelson/test-kit';
import fc from 'fast-check';

import {deliver} from './deliver.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const web: FormatOptions = {tag: 'web.1', kind: 'out', now: () => 'not asked', fields: {pid: 17, worker: 1}};

function formatOf(query: string, source: FormatOptions = web): LineFormat {
  const sink = createSink(`syslog+unix:/s?hostname=box&${query}`, {now: () => NOW});
  return sink.format!(source);
}

/** Messages of octet-counted frames. */
function messages(frames: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < frames.length;) {
    const blank = frames.indexOf(' ', at);
    const end = blank + 1 + Number(frames.slice(at, blank));
    found.push(frames.slice(blank + 1, end));
    at = end;
  }
  return found;
}

describe('RFC 5424', () => {
  const head = '1 2026-01-02T03:04:05.006Z box';

  test('time, host, tag, pid; severity of the stream, of the level', () => {
    expect(formatOf('').lines('hello')).toBe(`<14>${head} web.1 17 - - hello\n`);
    expect(formatOf('', {...web, kind: 'err'}).lines('hello')).toBe(`<11>${head} web.1 17 - - hello\n`);
    expect(formatOf('facility=local7').lines('{"level":40,"msg":"x"}')).toBe(
      `<188>${head} web.1 17 - - {"level":40,"msg":"x"}\n`,
    );
    expect(formatOf('', {...web, kind: 'err'}).lines('{"level":"debug"}')).toMatch(/^<15>/);
  });

  test('a block is as many messages as lines', () => {
    expect(formatOf('framing=octet').lines('a\n\nb')).toBe(
      ['a', '', 'b']
        .map((text) => `${`<14>${head} web.1 17 - - `.length + text.length} <14>${head} web.1 17 - - ${text}`)
        .join(''),
    );
  });

  test('names: NILVALUE for none, no blanks, cut to what is allowed', () => {
    const long = 'x'.repeat(300);
    expect(formatOf('', {tag: '', kind: 'out', now: String}).lines('a')).toBe(`<14>${head} - - - - a\n`);
    expect(formatOf('', {tag: 'a b\tc é', kind: 'out', now: String}).lines('a')).toContain(
      ' a_b_c__ - - - a\n',
    );
    expect(formatOf('app=shop').lines('a')).toContain(' shop 17 web.1 - a\n');
    expect(formatOf(`app=${long}`, {...web, tag: long}).lines('a')).toContain(
      ` ${'x'.repeat(48)} 17 ${'x'.repeat(32)} - a\n`,
    );
  });

  test('structured data: fields and parameters, escaped', () => {
    expect(formatOf(String.raw`sd=app@32473,a="q]\,b=%C3%A9`).lines('x')).toContain(
      String.raw` 17 - [app@32473 worker="1" a="\"q\]\\" b="Ã©"] x` + '\n',
    );
    expect(formatOf('sd=x@1', {...web, fields: {'a b=]"': 'v'}}).lines('x')).toContain(
      ' [x@1 a_b___="v"] x\n',
    );
  });

  test('records keep their newlines where the length is counted, and are one message everywhere', () => {
    const stack = 'Error: x\n    at a\n    at b';
    expect(messages(formatOf('framing=octet').record!(stack, false))).toEqual([
      `<11>${head} web.1 17 - - ${stack}`,
    ]);
    expect(formatOf('framing=newline').record!(stack, false)).toBe(
      `<11>${head} web.1 17 - - Error: x#012    at a#012    at b\n`,
    );
  });

  test('what was dropped is a warning', () => {
    expect(formatOf('').dropped!(7)).toBe(`<12>${head} web.1 17 - - [keelson] dropped 7 lines\n`);
    expect(formatOf('').dropped!(1)).toBe(`<12>${head} web.1 17 - - [keelson] dropped 1 line\n`);
  });

  test('too long: several messages, none longer than allowed, nothing lost, no character torn', () => {
    const anyLine = fc.array(fc.constantFrom('a', 'é', '€', '😀', '\xff'), {maxLength: 1500});
    fc.assert(
      fc.property(anyLine, fc.integer({min: 480, max: 3000}), (parts, length) => {
        const text = Buffer.from(parts.join('')).toString('latin1');
        const all = messages(formatOf(`framing=octet&length=${length}`).lines(text));
        expect(Math.max(...all.map((one) => one.length))).toBeLessThanOrEqual(length);
        const bodies = all.map((one) => one.slice(`<14>${head} web.1 17 - - `.length));
        expect(bodies.slice(0, -1).filter((one) => !one.endsWith(' [cut]'))).toEqual([]);
        const uncut = bodies.map((one, index) => (index < bodies.length - 1 ? one.slice(0, -6) : one));
        expect(uncut.join('')).toBe(text);
        for (const one of uncut) expect(Buffer.from(one, 'latin1').toString('utf8')).not.toContain('\ufffd');
      }),
    );
  });
});

describe('RFC 3164', () => {
  test('local time, tag and pid', () => {
    const date = new Date(NOW);
    const time = `Jan  ${date.getDate()} ${date.toTimeString().slice(0, 8)}`;
    expect(formatOf('format=rfc3164').lines('hello')).toBe(`<14>${time} box web.1[17]: hello\n`);
    expect(formatOf('format=rfc3164&app=a[b]:c', {tag: 'x', kind: 'err', now: String}).lines('')).toBe(
      `<11>${time} box a_b__c: \n`,
    );
  });
});

interface Peer {
  readonly server: Server;
  readonly port: number;
  readonly sockets: Socket[];
  text: string;
}

const open: (Server | Sink)[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    if ('listening' in one) one.close();
    else await one.close().catch(() => {});
  }
});

async function listen(
  where: {port: number; host: string} | {path: string} = {port: 0, host: '127.0.0.1'},
): Promise<Peer> {
  const server = createServer().listen(where);
  await once(server, 'listening');
  const peer: Peer = {server, port: (server.address() as AddressInfo).port, sockets: [], text: ''};
  server.on('connection', (socket) => {
    peer.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk) => (peer.text += chunk.toString('latin1')));
  });
  open.push(server);
  return peer;
}

function sinkFor(text: string): Sink & {send(lines: string): Promise<void>} {
  const sink = createSink(text, {now: () => NOW});
  open.push(sink);
  const format = sink.format!(web);
  return Object.assign(sink, {send: async (lines: string) => await sink.write(format.lines(lines))});
}

describe('over TCP', () => {
  test('octet-counted; 20 000 lines in order; a count of what a text holds', async () => {
    const peer = await listen();
    const sink = sinkFor(`syslog+tcp://127.0.0.1:${peer.port}`);
    await sink.open();
    const lines = Array.from({length: 20_000}, (_, index) => `line ${index}`);
    const frames = sink.format!(web).lines(lines.join('\n'));
    expect(sink.count!(frames)).toBe(20_000);
    await sink.write(frames);
    await sink.close();
    await until(() => peer.text.length === frames.length);
    expect(messages(peer.text).map((one) => one.replace(/^.* - - /, ''))).toEqual(lines);
  });

  test('nobody there: ECONNREFUSED, and open again works later', async () => {
    const peer = await listen();
    peer.server.close();
    const sink = sinkFor(`syslog+tcp://127.0.0.1:${peer.port}`);
    await expect(sink.open()).rejects.toMatchObject({code: 'ECONNREFUSED'});
    await expect(sink.send('x')).rejects.toMatchObject({written: 0});
    const again = await listen({port: peer.port, host: '127.0.0.1'});
    await sink.open();
    await sink.send('y');
    await sink.close();
    await until(() => messages(again.text).length === 1);
  });

  test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
    'the peer goes (%s): nothing is lost or doubled',
    async (how) => {
      const peer = await listen();
      const sink = sinkFor(`syslog+tcp://127.0.0.1:${peer.port}`);
      await sink.open();
      await sink.send('one');
      await until(() => messages(peer.text).length === 1);
      peer.sockets[0]![how]();
      let error: unknown;
      await until(() =>
        sink.send('two').then(
          () => false,
          (reason) => ((error = reason), true),
        ),
      );
      expect(error).toMatchObject({written: 0});
      await sink.open();
      await sink.send('three');
      await sink.close();
      await until(() => peer.text.includes('three'));
      expect(peer.text.match(/three/g)).toHaveLength(1);
      expect(peer.text.match(/one/g)).toHaveLength(1);
    },
  );

  test('a peer that takes nothing counts as failed; what was given to it comes once when it takes on', async () => {
    const peer = await listen();
    const sink = sinkFor(`syslog+tcp://127.0.0.1:${peer.port}?wait=100ms`);
    await sink.open();
    await until(() => peer.sockets.length === 1);
    peer.sockets[0]!.pause();
    const lines = Array.from({length: 100_000}, (_, index) => `line ${index}`.padEnd(100, '.'));
    let frames = sink.format!(web).lines(lines.join('\n'));
    const error = await Promise.resolve(sink.write(frames)).catch((reason) => reason);
    expect(error).toMatchObject({code: 'ETIMEDOUT'});
    await expect(sink.open()).rejects.toMatchObject({code: 'ETIMEDOUT'});
    frames = frames.slice(error.written);
    peer.sockets[0]!.resume();
    await deliver(sink, frames);
    await sink.close();
    await until(() => peer.text.includes('line 99999'));
    expect(messages(peer.text).map((one) => one.replace(/^.* - - /, ''))).toEqual(lines);
  });

  test('a connection that breaks while it is stalled: the whole slice comes again', async () => {
    const peer = await listen();
    const sink = sinkFor(`syslog+tcp://127.0.0.1:${peer.port}?wait=100ms`);
    await sink.open();
    await until(() => peer.sockets.length === 1);
    peer.sockets[0]!.pause();
    const lines = Array.from({length: 100_000}, (_, index) => `line ${index}`.padEnd(100, '.'));
    const frames = sink.format!(web).lines(lines.join('\n'));
    const error = await Promise.resolve(sink.write(frames)).catch((reason) => reason);
    peer.sockets[0]!.destroy();
    peer.text = '';
    await deliver(sink, frames.slice(error.written));
    await sink.close();
    await until(() => peer.text.includes('line 99999'));
    const came = messages(peer.text).map((one) => Number(/line (\d+)/.exec(one)![1]));
    // From a whole message on, without a gap.
    expect(came).toEqual(Array.from({length: came.length}, (_, index) => lines.length - came.length + index));
  });
});

test('over a unix socket: a newline ends each message', async () => {
  await using dir = await testdir({});
  const peer = await listen({path: dir.at('log.sock')});
  const sink = sinkFor(`syslog+unix:${dir.at('log.sock')}`);
  await sink.open();
  await sink.send('one\ntwo');
  await sink.close();
  await until(() => peer.text.endsWith('two\n'));
  expect(peer.text.split('\n')).toHaveLength(3);
});

describe('over UDP', () => {
  test('a message a datagram, any bytes, none longer than 2 KiB', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const got: string[] = [];
    socket.on('message', (message) => got.push(message.toString('latin1')));
    const sink = sinkFor(`syslog+udp://127.0.0.1:${socket.address().port}`);
    await sink.open();
    const record = sink.format!(web).record!(`${'x'.repeat(3000)}\n\xff\x00`, false);
    expect(sink.count!(record)).toBe(2);
    await sink.send('one\ntwo');
    await sink.write(record);
    await until(() => got.length === 4);
    socket.close();
    expect(got[0]).toMatch(/^<14>1 \S+ \S+ web\.1 17 - - one$/);
    expect(got[2]).toHaveLength(2048);
    expect(got[3]!.endsWith('\n\xff\x00')).toBe(true);
  });

  test('nobody there is noticed, and what was refused comes later', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const {port} = socket.address();
    socket.close();
    const sink = sinkFor(`syslog+udp://127.0.0.1:${port}`);
    await sink.open();
    let error: unknown;
    await until(() =>
      sink.send('x').then(
        () => false,
        (reason) => ((error = reason), true),
      ),
    );
    expect(error).toMatchObject({code: 'ECONNREFUSED', written: 0});
    const again = createSocket('udp4').bind(port, '127.0.0.1');
    await once(again, 'listening');
    await sink.open();
    const message = once(again, 'message');
    await sink.send('y');
    expect(String((await message)[0])).toMatch(/ y$/);
    again.close();
  });
});
