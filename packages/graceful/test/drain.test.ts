import {describe, expect, test} from '@jest/globals';
import {once} from 'node:events';
import http, {type RequestListener, type Server} from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net, {type AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {drain, gate, track} from '@keelson/graceful';
import {expectFault} from '@keelson/test-kit';
import {WebSocket, WebSocketServer} from 'ws';
import {certificate} from './certificate.ts';
import {connect, get} from './raw-client.ts';

const portOf = (server: net.Server): number => (server.address() as AddressInfo).port;

async function serve<S extends net.Server>(server: S): Promise<S> {
  track(server).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const app = (listener: RequestListener): Promise<Server> => serve(http.createServer(listener));

/** A handler that waits for `release` before it answers, and tells when it was entered. */
function held(answer: RequestListener) {
  let release!: () => void;
  let enter!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const listener: RequestListener = (request, response) => {
    enter();
    void released.then(() => answer(request, response));
  };
  return {listener, release, entered};
}

/** The head of a GOAWAY frame with 8 bytes: RFC 9113, 4.1. */
const GOAWAY = Buffer.from('000008070000000000', 'hex');

/** Forwards to a port. `hold` keeps what the server says from then on; it resolves when a GOAWAY is kept. */
async function holdingProxy(to: number) {
  let onHeld: (() => void) | undefined;
  let kept: Buffer[] | undefined;
  let client!: net.Socket;
  const proxy = net.createServer((socket) => {
    client = socket;
    const server = net.connect(to, '127.0.0.1');
    socket.pipe(server);
    server.on('data', (data: Buffer) => {
      if (!kept) return socket.write(data);
      kept.push(data);
      if (Buffer.concat(kept).includes(GOAWAY)) onHeld?.();
      return undefined;
    });
    server.on('end', () => socket.end());
  });
  proxy.listen(0, '127.0.0.1').unref();
  await once(proxy, 'listening');
  return {
    port: portOf(proxy),
    hold: () =>
      new Promise<void>((resolve) => {
        kept = [];
        onHeld = resolve;
      }),
    release: () => {
      for (const data of kept!.splice(0)) client.write(data);
      kept = undefined;
      proxy.close();
    },
  };
}

describe('drain of an http server', () => {
  test('answers one more request on an idle connection, with Connection: close', async () => {
    const server = await app((_, response) => response.end('hello'));
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    expect(await client.response()).toMatchObject({status: 200, connection: 'keep-alive'});
    const drained = drain(server);
    client.write(get('/'));
    expect(await client.response()).toMatchObject({status: 200, connection: 'close', body: 'hello'});
    expect(await client.closed).toBe('end');
    expect(await drained).toMatchObject({kind: 'drain-report', connections: 1, answered: 1, cut: 0});
    expect(server.listening).toBe(false);
  });

  test('accepts no new connection', async () => {
    const server = await app((_, response) => response.end());
    const port = portOf(server);
    await drain(server);
    await expect(connect({port})).rejects.toMatchObject({code: 'ECONNREFUSED'});
  });

  test('lets a request in flight finish and says close in its response', async () => {
    const handler = held((_, response) => response.end('late'));
    const server = await app(handler.listener);
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    await handler.entered;
    const drained = drain(server, {idleMs: 0});
    handler.release();
    expect(await client.response()).toMatchObject({status: 200, connection: 'close', body: 'late'});
    expect(await drained).toMatchObject({answered: 1, cut: 0});
  });

  test('lets a response that streams already finish, whole', async () => {
    const server = await app((_, response) => {
      response.write('first');
      setTimeout(() => response.end(' last'), 300);
    });
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    await once(server, 'request');
    const [body, report] = await Promise.all([
      client.response().then((response) => response.body),
      drain(server, {idleMs: 100}),
    ]);
    expect(body).toContain('first');
    expect(body).toContain(' last');
    expect(report.cut).toBe(0);
  });

  test('serves a keep-alive request that follows such a response', async () => {
    const handler = held((_, response) => response.end('end'));
    const server = await app((request, response) => {
      if (request.url === '/next') return response.end('next');
      response.flushHeaders();
      handler.listener(request, response);
    });
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    await handler.entered;
    const drained = drain(server, {idleMs: 3000});
    handler.release();
    expect((await client.response()).connection).toBe('keep-alive');
    client.write(get('/next'));
    expect(await client.response()).toMatchObject({
      connection: 'close',
      body: 'next',
    });
    expect(await drained).toMatchObject({cut: 0});
  });

  test.each<[string, RequestListener]>([
    ['setHeader', (_, response) => void response.setHeader('Connection', 'keep-alive').end('x')],
    [
      'writeHead with an object',
      (_, response) => void response.writeHead(200, {connection: 'keep-alive', 'X-A': '1'}).end('x'),
    ],
    [
      'writeHead with a flat list',
      (_, response) => void response.writeHead(200, ['Connection', 'keep-alive', 'X-A', '1']).end('x'),
    ],
    [
      'writeHead with a reason and pairs',
      (_, response) => void response.writeHead(200, 'Fine', [['Connection', 'keep-alive']] as never).end('x'),
    ],
  ])('says close although the app says keep-alive: %s', async (_, listener) => {
    const server = await app(listener);
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    expect((await client.response()).connection).toBe('keep-alive');
    const drained = drain(server);
    client.write(get('/'));
    expect((await client.response()).connection).toBe('close');
    await drained;
  });

  test('answers all requests of a pipeline whose responses are still pending', async () => {
    const server = await app((request, response) => void setTimeout(() => response.end(request.url), 20));
    const client = await connect({port: portOf(server)});
    const drained = drain(server);
    client.write(get('/1') + get('/2') + get('/3'));
    const answers = [await client.response(), await client.response(), await client.response()];
    expect(answers.map(({body}) => /\/\d/.exec(body)?.[0])).toEqual(['/1', '/2', '/3']);
    expect(answers.map(({connection}) => connection)).toEqual(['keep-alive', 'keep-alive', 'close']);
    await drained;
  });

  test('an answer given before the body was read reaches the client that still sends', async () => {
    const server = await app((_, response) => void response.end('enough'));
    const client = await connect({port: portOf(server)});
    const drained = drain(server);
    const half = 'b'.repeat(500_000);
    client.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${half.length * 2}\r\n\r\n${half}`);
    await once(server, 'request');
    setTimeout(() => client.write(half), 200);
    expect(await client.response()).toMatchObject({status: 200, connection: 'close'});
    expect(await client.closed).toBe('end');
    expect(await drained).toMatchObject({cut: 0});
  });

  test('a slow upload is read to its end', async () => {
    const server = await app((request, response) => {
      let bytes = 0;
      request
        .on('data', (chunk: Buffer) => (bytes += chunk.length))
        .on('end', () => response.end(String(bytes)));
    });
    const client = await connect({port: portOf(server)});
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n0123456789');
    await once(server, 'request');
    const drained = drain(server, {idleMs: 100});
    for (const delay of [150, 300]) setTimeout(() => client.write('0123456789'), delay);
    expect((await client.response()).body).toContain('30');
    expect(await drained).toMatchObject({cut: 0});
  });

  test('closes what stays idle, after idleMs, and counts it as no cut', async () => {
    const server = await app((_, response) => response.end());
    const silent = await connect({port: portOf(server)});
    const used = await connect({port: portOf(server)});
    used.write(get('/'));
    await used.response();
    const report = await drain(server, {idleMs: 200});
    expect(report).toMatchObject({connections: 2, answered: 0, cut: 0});
    await Promise.all([silent.closed, used.closed]);
  });

  test('half a request head does not hold the drain for longer than idleMs', async () => {
    const server = await app((_, response) => response.end());
    const client = await connect({port: portOf(server)});
    client.write('GET / HTTP/1.1\r\nHost: x\r\n');
    const drained = drain(server, {idleMs: 300});
    const timer = setInterval(() => client.write('X-Drip: 1\r\n'), 50);
    expect(await drained).toMatchObject({cut: 0});
    clearInterval(timer);
    client.destroy();
  });

  test('a response that does not end is cut at graceMs and counted', async () => {
    const server = await app((_, response) => void response.writeHead(200).write('more'));
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    await once(server, 'request');
    expect(await drain(server, {graceMs: 300, idleMs: 10})).toMatchObject({connections: 1, cut: 1});
    await client.closed;
  });

  test.each([
    ['writeHead', {graceMs: 5000, upgradedMs: 200}],
    ['setHeader', {graceMs: 600}],
  ])(
    'an event stream (%s) is ended as a whole message, and the app may go on writing',
    async (how, budget) => {
      const closed: Promise<unknown>[] = [];
      const server = await app((_, response) => {
        if (how === 'writeHead') response.writeHead(200, {'Content-Type': 'text/event-stream'});
        else response.setHeader('content-type', 'text/event-stream; charset=utf-8');
        const timer = setInterval(() => response.write('data: 1\n\n', () => {}), 10);
        closed.push(once(response, 'close').then(() => (clearInterval(timer), response.end('late'))));
      });
      const client = await connect({port: portOf(server)});
      client.write(get('/'));
      await once(server, 'request');
      expect(await drain(server, {...budget, idleMs: 100})).toMatchObject({answered: 1, cut: 0});
      expect((await client.response()).body).toMatch(/data: 1\n\n\r\n$/);
      expect(await client.closed).toBe('end');
      await Promise.all(closed);
    },
  );

  test('an upgraded connection has its own budget, and may use it', async () => {
    const server = await app((_, response) => response.end());
    server.on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.on('data', (data: Buffer) => socket.write(data)).on('end', () => socket.end());
    });
    const polite = await connect({port: portOf(server)});
    const stubborn = await connect({port: portOf(server)});
    for (const client of [polite, stubborn]) {
      client.write(get('/', 'Connection: upgrade\r\nUpgrade: echo\r\n'));
      expect((await client.response()).status).toBe(101);
    }
    const drained = drain(server, {idleMs: 10, upgradedMs: 600});
    await new Promise((resolve) => setTimeout(resolve, 300));
    polite.write('HTTP/1.1 299 Echoed\r\nContent-Length: 2\r\n\r\nhi');
    expect(await polite.response()).toMatchObject({status: 299, body: 'hi'});
    polite.destroy();
    expect(await stubborn.closed).toBe('end');
    expect(await drained).toMatchObject({connections: 2, cut: 1});
  });

  test('a request without an upgrade listener stays a request', async () => {
    const server = await app((_, response) => response.end('plain'));
    const client = await connect({port: portOf(server)});
    client.write(get('/', 'Connection: upgrade\r\nUpgrade: websocket\r\n'));
    expect(await client.response()).toMatchObject({status: 200});
    await drain(server, {idleMs: 10});
  });

  test('a second drain is the first one', async () => {
    const server = await app((_, response) => response.end());
    expect(drain(server)).toBe(drain(server));
    await drain(server);
  });

  test('an abort cuts everything and rejects with its reason', async () => {
    const server = await app(() => {});
    const client = await connect({port: portOf(server)});
    client.write(get('/'));
    await once(server, 'request');
    const controller = new AbortController();
    const drained = drain(server, {signal: controller.signal});
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(drained).rejects.toBe(reason);
    await client.closed;
  });

  test('a server that was never tracked is a fault with a hint', async () => {
    const fault = await expectFault(drain(http.createServer()), 'GRACEFUL_NOT_TRACKED');
    expect(fault.hint).toMatch(/track/);
  });
});

describe('drain of other servers', () => {
  const agent = (): https.Agent => new https.Agent({keepAlive: true, rejectUnauthorized: false});

  const fetchTls = (port: number, with_: https.Agent): Promise<string | undefined> =>
    new Promise((resolve, reject) => {
      https
        .get({port, agent: with_, host: '127.0.0.1'}, (response) => {
          response.resume().on('end', () => resolve(response.headers.connection));
        })
        .on('error', reject);
    });

  test('https: the idle connection gets its last response', async () => {
    const server = await serve(https.createServer(certificate, (_, response) => response.end('secret')));
    const client = agent();
    const port = portOf(server);
    expect(await fetchTls(port, client)).toBe('keep-alive');
    const drained = drain(server);
    expect(await fetchTls(port, client)).toBe('close');
    expect(await drained).toMatchObject({connections: 1, answered: 1, cut: 0});
    client.destroy();
  });

  test('https: a connection that never finishes its handshake does not hold the drain', async () => {
    const server = await serve(https.createServer(certificate, (_, response) => response.end()));
    const client = await connect({port: portOf(server)});
    await new Promise((resolve) => setTimeout(resolve, 50));
    await drain(server, {idleMs: 200});
    expect(await client.closed).toBe('end');
  });

  test.each(['http2', 'http2 over TLS'])(
    '%s: GOAWAY, the open stream is answered, the session ends',
    async (kind) => {
      const tls = kind !== 'http2';
      const streams: http2.ServerHttp2Stream[] = [];
      const server = await serve(tls ? http2.createSecureServer(certificate) : http2.createServer());
      server.on('stream', (stream: http2.ServerHttp2Stream) => void streams.push(stream));
      const session = http2.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${portOf(server)}`, {
        rejectUnauthorized: false,
      });
      const stream = session.request({':path': '/'});
      await once(server, 'stream');
      const goaway = once(session, 'goaway');
      const closed = once(session, 'close');
      const drained = drain(server);
      await goaway;
      const [headers] = await Promise.all([
        once(stream, 'response').then(([each]) => each as http2.IncomingHttpHeaders),
        Promise.resolve().then(() => {
          streams[0]!.respond({':status': 200});
          streams[0]!.end('done');
        }),
      ]);
      expect(headers[':status']).toBe(200);
      stream.resume();
      await closed;
      expect(await drained).toMatchObject({connections: 1, cut: 0});
    },
  );

  test('http2: a request that crosses the GOAWAY is answered', async () => {
    const server = await serve(http2.createServer((_, response) => response.end('answer')));
    // What the server says is held back, until the client has sent its next request in ignorance of it.
    const {port, hold, release} = await holdingProxy(portOf(server));
    const session = http2.connect(`http://127.0.0.1:${port}`);
    expect(await text(session.request({':path': '/'}))).toBe('answer');
    const goaway = once(session, 'goaway');
    const held = hold();
    const drained = drain(server);
    await held; // the GOAWAY is on its way
    const crossing = session.request({':path': '/'});
    await once(server, 'stream');
    release();
    expect(await text(crossing)).toBe('answer');
    expect(await goaway).toMatchObject([0, 2 ** 31 - 1]);
    expect(await drained).toMatchObject({connections: 1, cut: 0});
  });

  test('http2 over TLS: a client that asks one thing after another is refused nothing', async () => {
    const server = await serve(
      http2.createSecureServer(certificate, (_, response) => response.end('answer')),
    );
    const session = http2.connect(`https://127.0.0.1:${portOf(server)}`, {rejectUnauthorized: false});
    expect(await text(session.request({':path': '/'}))).toBe('answer');
    const drained = drain(server, {idleMs: 20_000});
    let answers = 0;
    while (!session.closed && !session.destroyed) {
      expect(await text(session.request({':path': '/'}))).toBe('answer');
      answers++;
      await new Promise(setImmediate);
    }
    expect(answers).toBeGreaterThan(0);
    expect(await drained).toMatchObject({connections: 1, cut: 0});
  });

  test('http2 over TLS: a session that stays idle ends after idleMs', async () => {
    const server = await serve(
      http2.createSecureServer(certificate, (_, response) => response.end('answer')),
    );
    const session = http2.connect(`https://127.0.0.1:${portOf(server)}`, {rejectUnauthorized: false});
    expect(await text(session.request({':path': '/'}))).toBe('answer');
    const closed = once(session, 'close');
    expect(await drain(server, {idleMs: 100})).toMatchObject({connections: 1, cut: 0});
    await closed;
  });

  test.each([undefined, 1012] as const)(
    'WebSocket: after upgradedMs it is closed, with code %s',
    async (closeCode) => {
      const server = await app((_, response) => response.end());
      const sockets = new WebSocketServer({server});
      sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data as Buffer)));
      const client = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
      await once(client, 'open');
      const closed = once(client, 'close');
      const drained = drain(server, {upgradedMs: 300, closeCode});
      client.send('still here');
      expect(String((await once(client, 'message'))[0])).toBe('still here');
      expect((await closed)[0]).toBe(closeCode ?? 1001);
      expect(await drained).toMatchObject({connections: 1, cut: 0});
    },
  );

  test('WebSocket: a graceMs below upgradedMs leaves time for the close frame and its answer', async () => {
    const server = await app((_, response) => response.end());
    new WebSocketServer({server});
    const client = new WebSocket(`ws://127.0.0.1:${portOf(server)}`);
    await once(client, 'open');
    const closed = once(client, 'close');
    expect(await drain(server, {graceMs: 400})).toMatchObject({connections: 1, cut: 0});
    expect((await closed)[0]).toBe(1001);
  });

  test('WebSocket: one whose client does not answer the close frame is cut', async () => {
    const server = await app((_, response) => response.end());
    new WebSocketServer({server});
    const client = await connect({port: portOf(server)});
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    client.write(get('/', `Connection: upgrade\r\nUpgrade: websocket\r\n${key}`));
    expect((await client.response()).status).toBe(101);
    expect(await drain(server, {upgradedMs: 0})).toMatchObject({connections: 1, cut: 1});
    await client.closed;
  });

  test('net: a connection has upgradedMs to end by itself', async () => {
    const server = await serve(net.createServer((socket) => void socket.pipe(socket)));
    const client = await connect({port: portOf(server)});
    expect(await drain(server, {upgradedMs: 200, idleMs: 10})).toMatchObject({connections: 1, cut: 1});
    expect(await client.closed).toBe('end');
  });
});

describe('gate', () => {
  test('the server answers privately at once and publicly after open', async () => {
    const server = http.createServer((_, response) => response.end('through'));
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const port = portOf(probe);
    await new Promise((resolve) => probe.close(resolve));

    const door = await gate(server, {port, host: '127.0.0.1'});
    const inside = door.private as AddressInfo;
    expect(await (await fetch(`http://127.0.0.1:${inside.port}/`)).text()).toBe('through');
    await expect(connect({port})).rejects.toMatchObject({code: 'ECONNREFUSED'});
    expect(await door.open()).toMatchObject({port});
    expect(server.address()).toMatchObject({port});
    const client = await connect({port});
    client.write(get('/'));
    await client.response();
    const drained = door.drain();
    client.write(get('/'));
    expect((await client.response()).connection).toBe('close');
    expect(await drained).toMatchObject({cut: 0});
    await expect(connect({port})).rejects.toMatchObject({code: 'ECONNREFUSED'});
    await expect(connect({port: inside.port})).rejects.toMatchObject({code: 'ECONNREFUSED'});
  });

  test('server.close of the app drains, and getConnections counts what came through the door', async () => {
    const server = http.createServer((_, response) => response.end('ok'));
    const door = await gate(server, {port: 0, host: '127.0.0.1'});
    const {port} = (await door.open()) as AddressInfo;
    const client = await connect({port});
    client.write(get('/'));
    await client.response();
    const count = await new Promise((resolve) => server.getConnections((_, n) => resolve(n)));
    expect(count).toBe(1);
    const closed = new Promise<void>((resolve, reject) =>
      server.close((error) => (error ? reject(error) : resolve())),
    );
    expect(server.listening).toBe(false);
    client.write(get('/'));
    expect((await client.response()).connection).toBe('close');
    await closed;
  });

  test('a public port in use is a fault that names it', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const door = await gate(http.createServer(), {port: portOf(other), host: '127.0.0.1'});
    const fault = await expectFault(door.open(), 'GRACEFUL_LISTEN');
    expect(fault.message).toContain(String(portOf(other)));
    await door.drain();
    other.close();
  });
});
