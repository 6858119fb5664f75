import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, expect, test} from '@jest/globals';
import {publish, type HttpDestination, type PublishEvent} from '@keelson/publisher';
import {bin, expectFault, freePort, runBin} from '@keelson/test-kit';
import fc from 'fast-check';
import {builtArchive} from './built-archive.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function web(
  answer: Answer,
): Promise<{to: HttpDestination; requests: IncomingMessage[]} & AsyncDisposable> {
  const requests: IncomingMessage[] = [];
  const handle: Answer = (request, response) => {
    requests.push(request);
    request.on('error', () => {});
    response.on('error', () => {});
    answer(request, response);
  };
  const server = createServer(handle).on('checkContinue', (request, response) => {
    if (request.url !== '/no.tgz') response.writeContinue();
    handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    to: {kind: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/web.tgz`},
    requests,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const hexOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const built = () => builtArchive({'big.bin': randomBytes(400_000), 'server.js': '1'});

describe('publish by PUT', () => {
  test('sends the bytes with their checksum, and tells how far it is', async () => {
    await using dir = await built();
    let got: Buffer | undefined;
    await using server = await web((request, response) => {
      if (request.method !== 'PUT') return void response.writeHead(404).end();
      void bodyOf(request).then((body) => {
        got = body;
        response.writeHead(201).end();
      });
    });
    const events: PublishEvent[] = [];
    const result = await publish(dir.archive, server.to, {
      onEvent: (event) => events.push(event),
      token: 'geheim',
    });
    const bytes = readFileSync(dir.archive.path);
    expect(got?.equals(bytes)).toBe(true);
    expect(result).toEqual({
      kind: 'publication',
      to: server.to,
      digest: dir.archive.digest,
      revision: dir.archive.fileDigest,
      result: 'published',
      lines: [],
    });
    expect(events.at(-1)).toEqual({type: 'publisher:sent', done: bytes.length, total: bytes.length});
    expect(server.requests.at(-1)!.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('keelson:geheim').toString('base64')}`,
      'content-length': String(bytes.length),
      'content-type': 'application/gzip',
      'repr-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
      'x-checksum-sha256': hexOf(bytes),
      'keelson-digest': dir.archive.digest,
      'keelson-name': 'web',
    });
  });

  test('a large file leaves no listeners behind', async () => {
    await using dir = await builtArchive({'big.bin': randomBytes(12_000_000)});
    await using server = await web((request, response) => {
      if (request.method !== 'PUT') return void response.writeHead(404).end();
      request.resume().on('end', () => response.writeHead(201).end());
    });
    // Node warns of a leak on stderr, and only in a process of its own is that ours.
    const {code, stderr} = await runBin(bin('publisher'), [dir.archive.path, server.to.url, '--quiet']);
    expect({code, stderr}).toEqual({code: 0, stderr: ''});
  });

  test.each([
    ['X-Checksum-Sha256', (bytes: Buffer) => hexOf(bytes)],
    [
      'Repr-Digest',
      (bytes: Buffer) => `sha-512=:xx==:, sha-256=:${Buffer.from(hexOf(bytes), 'hex').toString('base64')}:`,
    ],
    ['Digest', (bytes: Buffer) => `sha-256=${Buffer.from(hexOf(bytes), 'hex').toString('base64')}`],
  ])('what the store has, by its %s, is not sent', async (header, value) => {
    await using dir = await built();
    await using server = await web((_, response) =>
      response.writeHead(200, {[header]: value(readFileSync(dir.archive.path))}).end(),
    );
    expect(await publish(dir.archive, server.to)).toMatchObject({result: 'already-published'});
    expect(server.requests.map(({method}) => method)).toEqual(['HEAD']);
  });

  test.each([
    ['the same bytes', (bytes: Buffer) => bytes, 'already-published', ['HEAD', 'GET']],
    [
      'other bytes of the same number',
      (bytes: Buffer) => Buffer.from(bytes).fill(0xff, bytes.length - 8),
      'published',
      ['HEAD', 'GET', 'PUT'],
    ],
    ['other bytes', (bytes: Buffer) => bytes.subarray(1), 'published', ['HEAD', 'PUT']],
  ])('of a store that tells no checksum, %s', async (_, there, result, methods) => {
    await using dir = await built();
    const body = there(readFileSync(dir.archive.path));
    await using server = await web((request, response) => {
      request.resume();
      if (request.method === 'PUT') return void request.on('end', () => response.end());
      response
        .writeHead(200, {'content-length': body.length})
        .end(request.method === 'GET' ? body : undefined);
    });
    expect(await publish(dir.archive, server.to)).toMatchObject({result});
    expect(server.requests.map(({method}) => method)).toEqual(methods);
  });

  test.each([
    [201, 1],
    [404, 2],
  ])('Artifactory is given the checksum first (%i)', async (status, puts) => {
    await using dir = await built();
    await using server = await web((request, response) => {
      request.resume();
      request.on('end', () => {
        const byChecksum = request.headers['x-checksum-deploy'] === 'true';
        response
          .writeHead(request.method === 'HEAD' ? 404 : byChecksum ? status : 201, {
            'X-JFrog-Version': 'Artifactory/7',
          })
          .end();
      });
    });
    expect(await publish(dir.archive, server.to)).toMatchObject({result: 'published'});
    expect(server.requests.filter(({method}) => method === 'PUT')).toHaveLength(puts);
    expect(server.requests[1]!.headers['content-length']).toBe('0');
  });

  test('interrupted at random places, it goes on from what the receiver has', async () => {
    await using dir = await built();
    const bytes = readFileSync(dir.archive.path);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({min: 0, max: bytes.length - 1}), {maxLength: 2}),
        async (cuts) => {
          let has = Buffer.alloc(0);
          const stops = [...cuts].sort((a, b) => a - b);
          await using server = await web((request, response) => {
            if (request.method === 'HEAD')
              return void response.writeHead(404, {'Keelson-Offset': has.length}).end();
            const range = request.headers['content-range'];
            expect(range).toBe(
              has.length === 0 ? undefined : `bytes ${has.length}-${bytes.length - 1}/${bytes.length}`,
            );
            const stop = stops.shift();
            request.on('data', (part: Buffer) => {
              has = Buffer.concat([has, part]);
              if (stop === undefined || has.length <= stop) return;
              has = has.subarray(0, Math.max(stop, 0));
              request.socket.destroy();
              request.removeAllListeners('data');
            });
            request.on('end', () =>
              response
                .writeHead(200, {'content-type': 'application/x-ndjson'})
                .end(
                  '{"kind":"line","text":"installing"}\n{"kind":"result","result":"published","revision":"7"}\n',
                ),
            );
          });
          const result = await publish(dir.archive, server.to);
          expect(result).toMatchObject({result: 'published', revision: '7', lines: ['installing']});
          expect(has.equals(bytes)).toBe(true);
        },
      ),
      {numRuns: 6},
    );
  });

  test('lines of a receiver come while it works; without a result it is tried again', async () => {
    await using dir = await built();
    let times = 0;
    let goOn = () => {};
    await using server = await web((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404, {'Keelson-Offset': 0}).end();
      request.resume();
      request.on('end', () => {
        response.writeHead(200, {'content-type': 'application/x-ndjson'});
        response.write('{"kind":"line","text":"first"}\n');
        if (times++ === 0) return void response.end();
        const because = times === 2 ? '"no room\\nat all"' : '"busy","temporary":true';
        goOn = () => response.end(`\n{"kind":"result","result":"refused","because":${because}}\n`);
      });
    });
    const events: PublishEvent[] = [];
    const onEvent = (event: PublishEvent) => {
      events.push(event);
      if (event.type === 'publisher:remote' && event.line === 'first' && times > 1) goOn(); // only when the line was seen
    };
    expect(await publish(dir.archive, server.to, {onEvent})).toMatchObject({
      result: 'refused',
      lines: ['first', 'no room', 'at all'],
    });
    expect(events.filter(({type}) => type === 'publisher:failed')).toHaveLength(1);
    expect(events).toContainEqual({type: 'publisher:remote', line: 'at all'});
    const fault = await expectFault(
      publish(dir.archive, server.to, {onEvent, tries: 1}),
      'PUBLISHER_UNREACHABLE',
    );
    expect(fault).toMatchObject({temporary: true, message: expect.stringContaining('busy')});
  });

  test.each([
    [401, 'PUBLISHER_AUTH', false],
    [403, 'PUBLISHER_AUTH', false],
    [429, 'PUBLISHER_UNREACHABLE', true],
    [503, 'PUBLISHER_UNREACHABLE', true],
  ])('HTTP %i is %s', async (status, code, temporary) => {
    await using dir = await built();
    await using server = await web((request, response) => {
      response
        .writeHead(request.method === 'HEAD' ? 404 : status, {'content-type': 'text/plain'})
        .end('told why\n');
    });
    const url = server.to.url.replace('://', '://me:geheim@');
    const fault = await expectFault(publish(dir.archive, {kind: 'http', url}, {tries: 1}), code);
    expect(fault.temporary).toBe(temporary);
    expect(JSON.stringify([fault.message, fault.hint, String(fault.cause)])).not.toContain('geheim');
  });

  test('a refusal before the body is a result with its words; nothing is sent', async () => {
    await using dir = await built();
    await using server = await web((request, response) => {
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      response.writeHead(413, {'content-type': 'text/plain'}).end('more than 10 bytes\n');
    });
    const to = {kind: 'http', url: server.to.url.replace('web.tgz', 'no.tgz')} as const;
    const events: PublishEvent[] = [];
    const onEvent = (event: PublishEvent) => events.push(event);
    expect(await publish(dir.archive, to, {onEvent})).toMatchObject({
      result: 'refused',
      lines: ['more than 10 bytes'],
    });
    expect(events).toEqual([{type: 'publisher:remote', line: 'more than 10 bytes'}]);
  });

  test('a server that takes no PUT at all is asked once', async () => {
    await using dir = await built();
    await using server = await web((request, response) => {
      request.resume();
      response.writeHead(request.method === 'HEAD' ? 404 : 501).end();
    });
    expect(await publish(dir.archive, server.to)).toMatchObject({
      result: 'refused',
      lines: ['501 Not Implemented'],
    });
    expect(server.requests).toHaveLength(2);
  });

  test('what is busy is asked again when it says', async () => {
    await using dir = await built();
    let puts = 0;
    await using server = await web((request, response) => {
      request.resume();
      if (request.method === 'HEAD') return void response.writeHead(404).end();
      if (puts++ === 0) return void response.writeHead(503, {'retry-after': '0'}).end();
      request.on('end', () => response.writeHead(201).end());
    });
    const events: PublishEvent[] = [];
    const onEvent = (event: PublishEvent) => events.push(event);
    expect(await publish(dir.archive, server.to, {onEvent})).toMatchObject({result: 'published'});
    expect(events.find(({type}) => type === 'publisher:failed')).toMatchObject({pauseMs: 0});
  });

  test('nobody listening is temporary; aborting rejects with the reason', async () => {
    await using dir = await built();
    const to = {kind: 'http', url: `http://127.0.0.1:${await freePort()}/web.tgz`} as const;
    const fault = await expectFault(publish(dir.archive, to, {tries: 2}), 'PUBLISHER_UNREACHABLE');
    expect(fault.temporary).toBe(true);
    const reason = new RangeError('enough');
    const abort = new AbortController();
    await using server = await web((request) => {
      if (request.method === 'PUT') abort.abort(reason);
      else request.socket.write('HTTP/1.1 404 no\r\ncontent-length: 0\r\n\r\n');
    });
    await expect(publish(dir.archive, server.to, {signal: abort.signal})).rejects.toBe(reason);
  });
});
