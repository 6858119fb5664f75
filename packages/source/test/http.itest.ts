import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync, readdirSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {connect, type AddressInfo} from 'node:net';
import {describe, expect, test} from '@jest/globals';
import {runtimeFacts, writeArchive} from '@keelson/archive';
import {download, openSource, parseSource, type HttpSource, type SourceEvent} from '@keelson/source';
import {faultOf, freePort, testdir} from '@keelson/test-kit';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function web(answer: Answer): Promise<{url: string; requests: IncomingMessage[]} & AsyncDisposable> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  server.on('connect', (request, socket) => {
    requests.push(request);
    const [host, port] = request.url!.split(':');
    const other = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 ok\r\n\r\n');
      other.pipe(socket).pipe(other);
    });
    other.on('error', () => socket.destroy());
    socket.on('error', () => other.destroy());
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const http = (url: string, pin?: string) =>
  parseSource(pin === undefined ? url : `${url}#sha256=${pin}`) as HttpSource;

async function withVariables<T>(variables: Record<string, string>, body: () => Promise<T>): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return await body();
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}

describe('openSource of a URL', () => {
  test('brings a built archive with its revision, verified against the pin', async () => {
    await using dir = await testdir({'app/package.json': '{"name": "web"}', 'app/a.js': 'a'});
    const source = {revision: 'f'.repeat(40)};
    const facts = {
      name: 'web',
      version: '1.0.0',
      source,
      builder: 'test',
      node: runtimeFacts(),
      packageManager: {name: 'npm'},
      scripts: [],
      processTypes: [],
      required: [],
      addons: [],
    };
    const archive = await writeArchive(dir.at('app'), {facts, to: dir.at('web.tgz')});
    const bytes = readFileSync(archive.path);
    await using server = await web((_, response) => response.end(bytes));
    const events: SourceEvent[] = [];
    const url = `${server.url}/web.tgz`;
    await using checkout = await openSource(http(url, sha256(bytes)), {
      onEvent: (event) => events.push(event),
    });
    expect(checkout).toMatchObject({from: {kind: 'tarball', path: url}, revision: 'f'.repeat(40)});
    expect(readdirSync(checkout.dir).sort()).toEqual(['a.js', 'package.json']);
    expect(events.at(-1)).toEqual({type: 'source:fetched', done: bytes.length, total: bytes.length});
    expect(readdirSync(`${checkout.dir}/..`)).toEqual(['app']);
  });

  test('another file than the pinned one is refused, and nothing is left', async () => {
    await using server = await web((_, response) => response.end('x'));
    await using work = await testdir();
    const fault = await faultOf(openSource(http(`${server.url}/a.tgz`, '0'.repeat(64)), {parent: work.path}));
    expect(fault).toMatchObject({
      code: 'SOURCE_DIGEST',
      message: expect.stringContaining(sha256(Buffer.from('x'))),
    });
    expect(readdirSync(work.path)).toEqual([]);
  });
});

describe('download', () => {
  test.each([
    [401, 'SOURCE_AUTH', false],
    [403, 'SOURCE_AUTH', false],
    [404, 'SOURCE_MISSING', false],
    [400, 'SOURCE_UNREACHABLE', false],
    [503, 'SOURCE_UNREACHABLE', true],
  ])('HTTP %i is %s', async (status, code, temporary) => {
    await using dir = await testdir();
    await using server = await web((_, response) => response.writeHead(status).end());
    const url = server.url.replace('://', '://me:geheim@');
    const fault = await faultOf(download(http(`${url}/a.tgz`), dir.at('x'), {tries: 1}));
    expect(fault).toMatchObject({code, temporary});
    expect(JSON.stringify([fault.message, fault.hint, String(fault.cause)])).not.toContain('geheim');
    expect(await dir.list()).toEqual([]);
  });

  test('goes on where the connection broke, as long as it is the same file', async () => {
    await using dir = await testdir();
    const bytes = randomBytes(300_000);
    const ranges: (string | undefined)[] = [];
    await using server = await web((request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '0')![0]);
      ranges.push(request.headers.range);
      response.writeHead(from > 0 ? 206 : 200, {
        etag: '"one"',
        'content-length': bytes.length - from,
        ...(from > 0 && {'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`}),
      });
      if (ranges.length === 3) return void response.end(bytes.subarray(from));
      response.write(bytes.subarray(from, from + 100_000), () => response.destroy());
    });
    const got = await download(http(`${server.url}/a.tgz`), dir.at('x'));
    expect(got).toMatchObject({bytes: bytes.length, fileDigest: `sha256-${sha256(bytes)}`});
    expect(readFileSync(dir.at('x')).equals(bytes)).toBe(true);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
  });

  test('begins anew where a part of another file came, whatever was asked', async () => {
    await using dir = await testdir();
    const [old, bytes] = [randomBytes(50_000), randomBytes(50_000)];
    let count = 0;
    await using server = await web((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const of = {etag: count++ === 0 ? '"old"' : '"new"', 'content-length': bytes.length - from};
      const range = {'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`};
      response.writeHead(from > 0 ? 206 : 200, {...of, ...(from > 0 && range)});
      if (count > 1) response.end(bytes.subarray(from));
      else response.write(old.subarray(0, 20_000), () => response.destroy());
    });
    await download(http(`${server.url}/a.tgz`), dir.at('x'));
    expect(readFileSync(dir.at('x')).equals(bytes)).toBe(true);
    expect(count).toBe(3);
  });

  test('goes on where the server fell silent', async () => {
    await using dir = await testdir();
    const bytes = randomBytes(50_000);
    await using server = await web((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const headers = {etag: '"1"', 'content-length': bytes.length - from};
      const range = {'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`};
      response.writeHead(from > 0 ? 206 : 200, {...headers, ...(from > 0 && range)});
      if (from > 0) response.end(bytes.subarray(from));
      else response.write(bytes.subarray(0, 20_000));
    });
    const source = http(`${server.url}/a.tgz`);
    expect(await faultOf(download(source, dir.at('x'), {tries: 1, stallMs: 200}))).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      temporary: true,
      message: expect.stringContaining('does not answer'),
    });
    await download(source, dir.at('a.tgz'), {stallMs: 200});
    expect(readFileSync(dir.at('a.tgz')).equals(bytes)).toBe(true);
  });

  test('begins anew when the file was replaced meanwhile', async () => {
    await using dir = await testdir();
    let times = 0;
    await using server = await web((_, response) => {
      const now = times++;
      response.writeHead(200, {etag: `"${now}"`, 'content-length': 6});
      if (now === 0) response.write('old', () => response.destroy());
      else response.end('newest');
    });
    await download(http(`${server.url}/a.tgz`), dir.at('x'));
    expect(await dir.read('x')).toBe('newest');
    expect(server.requests[1]!.headers['if-range']).toBe('"0"');
  });

  test.each([
    ['told', true],
    ['only seen', false],
  ])('more bytes than allowed are refused when %s', async (_, told) => {
    await using dir = await testdir();
    await using server = await web((request, response) => {
      if (told) response.setHeader('content-length', 2000);
      response.on('error', () => {});
      request.on('error', () => {});
      response.end('x'.repeat(2000));
    });
    expect(await faultOf(download(http(`${server.url}/a.tgz`), dir.at('x'), {maxBytes: 1000}))).toMatchObject(
      {
        code: 'SOURCE_TOO_LARGE',
      },
    );
    expect(await dir.list()).toEqual([]);
  });

  test('credentials go to the first origin, and to no other', async () => {
    await using dir = await testdir();
    await using other = await web((_, response) => response.end('there'));
    await using server = await web((request, response) => {
      if (request.url === '/a.tgz') return void response.writeHead(302, {location: '/b'}).end();
      response.writeHead(307, {location: `${other.url}/c`}).end();
    });
    await download(http(`${server.url.replace('://', '://me:geheim@')}/a.tgz`), dir.at('x'));
    expect(await dir.read('x')).toBe('there');
    const sent = `Basic ${Buffer.from('me:geheim').toString('base64')}`;
    expect(server.requests.map((one) => one.headers.authorization)).toEqual([sent, sent]);
    expect(other.requests.map((one) => one.headers.authorization)).toEqual([undefined]);
  });

  test.each([
    ['in a circle', '/a.tgz', 'more than 10 times'],
    ['to a file', 'file:///etc/passwd', 'redirects to file:'],
  ])('a redirect %s is not followed', async (_, location, because) => {
    await using dir = await testdir();
    await using server = await web((_request, response) => response.writeHead(302, {location}).end());
    const fault = await faultOf(download(http(`${server.url}/a.tgz`), dir.at('x')));
    expect(fault).toMatchObject({code: 'SOURCE_UNREACHABLE', temporary: false});
    expect(fault.message).toContain(because);
  });

  test('a token wins over the URL, and .netrc is the last resort', async () => {
    await using dir = await testdir({
      netrc: 'machine other login a password b\nmachine 127.0.0.1\n login me password "ge heim"\n',
    });
    await using server = await web((request, response) => response.end(request.headers.authorization));
    const sent = async (url: string, token?: string) => {
      await download(http(`${url}/a.tgz`), dir.at('x'), {token});
      const [, basic = ''] = (await dir.read('x')).split(' ');
      await import('node:fs/promises').then(({rm}) => rm(dir.at('x')));
      return Buffer.from(basic, 'base64').toString();
    };
    await withVariables({NETRC: dir.at('netrc')}, async () => {
      expect(await sent(server.url)).toBe('me:ge heim');
      expect(await sent(server.url.replace('://', '://lone@'))).toBe('keelson:lone');
      expect(await sent(server.url.replace('://', '://u:p%40@'), 't:k')).toBe('u:t:k');
    });
  });

  test('goes through the proxy that the environment names, but for no_proxy', async () => {
    await using dir = await testdir();
    await using proxy = await web((request, response) => response.end(`proxied ${request.url}`));
    const get = async (name: string, variables: Record<string, string>) => {
      await withVariables(variables, () =>
        download(http('http://app.example.test/a.tgz'), dir.at(name), {tries: 1}),
      );
      return dir.read(name);
    };
    const url = proxy.url.replace('://', '://pu:pp@');
    expect(await get('one', {http_proxy: url, no_proxy: 'other.test'})).toBe(
      'proxied http://app.example.test/a.tgz',
    );
    expect(proxy.requests[0]!.headers).toMatchObject({
      host: 'app.example.test',
      'proxy-authorization': `Basic ${Buffer.from('pu:pp').toString('base64')}`,
    });
    await using direct = await web((_, response) => response.end('direct'));
    await withVariables({HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1'}, () =>
      download(http(`${direct.url}/a.tgz`), dir.at('two')),
    );
    expect(await dir.read('two')).toBe('direct');
    const dead = `http://pu:pp@127.0.0.1:${await freePort()}`;
    for (const [scheme, name] of [
      ['http', 'http_proxy'],
      ['https', 'https_proxy'],
    ] as const) {
      const failed = await withVariables({[name]: dead, no_proxy: ''}, () =>
        faultOf(download(http(`${scheme}://app.example.test/a.tgz`), dir.at('four'), {tries: 1})),
      );
      expect(failed.message).toContain('the proxy of the environment cannot be reached');
    }
    // https through CONNECT: the far end speaks no TLS, which is what the failure has to say.
    const secure = direct.url.replace('http:', 'https:');
    const fault = await withVariables({https_proxy: proxy.url, no_proxy: ''}, () =>
      faultOf(download(http(`${secure}/a.tgz`), dir.at('three'), {tries: 1})),
    );
    expect(fault.code).toBe('SOURCE_UNREACHABLE');
    expect(proxy.requests.at(-1)).toMatchObject({method: 'CONNECT', url: new URL(direct.url).host});
  });

  test('nobody listening is temporary; aborting stops with the reason', async () => {
    await using dir = await testdir();
    const gone = http(`http://127.0.0.1:${await freePort()}/a.tgz`);
    expect(await faultOf(download(gone, dir.at('x'), {tries: 2}))).toMatchObject({
      code: 'SOURCE_UNREACHABLE',
      temporary: true,
    });
    const abort = new AbortController();
    const reason = new RangeError('enough');
    await using server = await web(() => abort.abort(reason));
    await expect(download(http(`${server.url}/a.tgz`), dir.at('x'), {signal: abort.signal})).rejects.toBe(
      reason,
    );
    expect(await dir.list()).toEqual([]);
  });
});
