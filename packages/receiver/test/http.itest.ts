import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, readdirSync} from 'node:fs';
import {request} from 'node:http';
import {connect} from 'node:net';
import {gzipSync} from 'node:zlib';
import {describe, expect, test} from '@jest/globals';
import {startReceiver, type Accept, type ReceiverOptions} from '@keelson/receiver';
import {describeWith, expectFault, freePort, git, testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {push, pushedApp, repositoryOf} from './pushed-app.ts';

const yes: Accept = async () => ({accepted: true});
const token = 'correct-horse-battery';

async function receiver(options: Partial<ReceiverOptions> = {}) {
  const dir = await testdir();
  const started = await startReceiver(yes, {root: dir.at('root'), ...options}).catch(
    async (error: unknown) => {
      await dir[Symbol.asyncDispose]();
      throw error;
    },
  );
  return {
    ...started,
    root: dir.at('root'),
    [Symbol.asyncDispose]: async () => {
      await started.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/** One request as it is: no normalised paths, no added headers. */
async function ask(
  url: string,
  path: string,
  options: {method?: string; headers?: Record<string, string>; body?: Uint8Array} = {},
): Promise<Answer> {
  const {port} = new URL(url);
  const sent = request({
    host: '127.0.0.1',
    port,
    path,
    method: options.method ?? 'GET',
    headers: options.headers ?? {},
  });
  sent.on('error', () => {});
  sent.end(options.body);
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('latin1')) body += chunk;
  return {status: response.statusCode, headers: response.headers, body};
}

const refs = (service: string) => `/web.git/info/refs?service=${service}`;
const RECEIVE = {'content-type': 'application/x-git-receive-pack-request'};
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`me:${password}`).toString('base64')}`,
});

describeWith(['git'], 'requests', () => {
  test('anything but the four of git and PUT is not found', async () => {
    await using to = await receiver();
    for (const path of [
      '/',
      '/web.git',
      '/web.git/HEAD',
      '/web.git/info/refs',
      '/web.git/info/refs?service=git-upload-archive',
      '/web.git/objects/info/packs',
      '/Web.git/info/refs?service=git-receive-pack',
      '/1web.git/info/refs?service=git-receive-pack',
      '/../web.git/info/refs?service=git-receive-pack',
      '/..%2fweb.git/info/refs?service=git-receive-pack',
      '/a/web.git/info/refs?service=git-receive-pack',
      '/w%65b.git/info/refs?service=git-receive-pack',
      '/web.git.git/info/refs?service=git-receive-pack',
      `/${'a'.repeat(64)}.git/info/refs?service=git-receive-pack`,
      '/.keelson/info/refs?service=git-receive-pack',
      '/web%00.git/info/refs?service=git-receive-pack',
    ])
      expect([path, (await ask(to.url, path)).status]).toEqual([path, 404]);
  });

  test('the four of git are answered, by app and by app.git', async () => {
    await using to = await receiver();
    for (const service of ['git-receive-pack', 'git-upload-pack'])
      for (const app of ['/web', '/web.git', `${to.url}/web.git`])
        // RFC 9112 §3.2.2
        expect(await ask(to.url, `${app}/info/refs?service=${service}`)).toMatchObject({
          status: 200,
          headers: {'content-type': `application/x-${service}-advertisement`, 'cache-control': 'no-cache'},
          body: expect.stringMatching(/^[0-9a-f]{4}# service=git-(receive|upload)-pack\n0000/),
        });
    const version2 = await ask(to.url, refs('git-upload-pack'), {headers: {'git-protocol': 'version=2'}});
    expect(version2.body).toMatch(/^000eversion 2\n/);
    const odd = await ask(to.url, refs('git-upload-pack'), {headers: {'git-protocol': 'version=2:evil'}});
    expect(odd.body).toMatch(/^[0-9a-f]{4}# service=/);
    expect(await git(to.root, 'ls-remote', `${to.url}/typo.git`)).toBe('');
    expect(await ask(to.url, '/typo.tgz', {method: 'HEAD'})).toMatchObject({status: 404});
    expect(readdirSync(to.root)).toEqual(['.keelson']); // who only asks makes nothing
  });

  test('only apps that are allowed are there', async () => {
    await using to = await receiver({apps: ['api']});
    expect(await ask(to.url, refs('git-receive-pack'))).toMatchObject({
      status: 404,
      body: 'There is no such app here.\n',
    });
    expect(await ask(to.url, refs('git-receive-pack').replace('web', 'api'))).toMatchObject({status: 200});
  });

  test.each([
    ['no password', {}, 401],
    ['a wrong password', basic('wrong-horse-battery'), 401],
    ['a prefix of it', basic(token.slice(0, -1)), 401],
    ['another scheme', {authorization: `Digest ${token}`}, 401],
    ['garbage', {authorization: 'Basic ='}, 401],
    ['the password', basic(token), 200],
    ['a bearer token', {authorization: `Bearer ${token}`}, 200],
  ])('with a token: %s', async (_, headers, status) => {
    await using to = await receiver({tokens: token});
    const answer = await ask(to.url, refs('git-receive-pack'), {
      headers: {...headers, host: 'deploy.example'},
    });
    expect(answer.status).toBe(status);
    expect('www-authenticate' in answer.headers).toBe(status === 401);
    const exchange = await ask(to.url, '/web.git/git-receive-pack', {
      method: 'POST',
      headers: {...headers, ...RECEIVE},
      body: Buffer.from('0000'),
    });
    expect(exchange.status).toBe(status);
  });

  test('without a token only localhost is answered, whatever name a web page gives itself', async () => {
    await using to = await receiver();
    for (const [host, status] of [
      ['evil.example', 403],
      ['127.0.0.1.evil.example', 403],
      ['localhost:80', 200],
      ['LOCALHOST', 200],
      ['[::1]:1', 200],
    ] as const)
      expect(await ask(to.url, refs('git-receive-pack'), {headers: {host}})).toMatchObject({status});
  });

  test('a body of another type is refused', async () => {
    await using to = await receiver();
    const options = {method: 'POST', headers: {'content-type': 'text/plain'}, body: Buffer.from('0000')};
    expect(await ask(to.url, '/web.git/git-receive-pack', options)).toMatchObject({status: 415});
  });

  test('a packed body is unpacked; a broken one is refused', async () => {
    await using to = await receiver();
    const post = (body: Uint8Array) =>
      ask(to.url, '/web.git/git-receive-pack', {
        method: 'POST',
        headers: {...RECEIVE, 'content-encoding': 'gzip'},
        body,
      });
    expect(await post(gzipSync('0000'))).toMatchObject({status: 200});
    expect(await post(Buffer.from('0000'))).toMatchObject({status: 400});
    expect(await post(gzipSync(randomBytes(9999)).subarray(0, 500))).toMatchObject({status: 400});
  });

  test('a body over the limit is refused, announced, chunked or packed', async () => {
    await using to = await receiver({limits: {bodyBytes: 100_000}});
    const zeros = Buffer.alloc(200_000, '0');
    const post = (headers: Record<string, string>, body: Uint8Array) =>
      ask(to.url, '/web.git/git-receive-pack', {method: 'POST', headers: {...RECEIVE, ...headers}, body});
    expect(await post({'content-length': '200000'}, zeros)).toMatchObject({status: 413});
    expect(await post({'transfer-encoding': 'chunked'}, zeros)).toMatchObject({status: 413});
    expect(await post({'content-encoding': 'gzip'}, gzipSync(zeros))).toMatchObject({status: 413});
  });

  test('a real push over the limit says so', async () => {
    await using app = await pushedApp({big: randomBytes(300_000)});
    await using to = await receiver({limits: {bodyBytes: 100_000}});
    const {code, stderr} = await push(app.clone, `${to.url}/web.git`, 'main');
    expect(code).not.toBe(0);
    expect(stderr).toContain('413');
    expect(existsSync(repositoryOf(to.root))).toBe(false);
  });

  test('any body is survived', async () => {
    await using to = await receiver({limits: {stallMs: 30_000}});
    const id = fc.constantFrom('0'.repeat(40), '1'.repeat(40), 'x'.repeat(40));
    const command = fc
      .tuple(id, id, fc.constantFrom('refs/heads/main', 'refs/../x', '', '\0 report-status'))
      .map(([a, b, ref]) => `${a} ${b} ${ref}\0report-status side-band-64k`)
      .map((line) => `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`);
    const body = fc.oneof(
      fc.uint8Array({maxLength: 300}).map((bytes) => Buffer.from(bytes)),
      fc
        .tuple(command, fc.uint8Array({maxLength: 60}))
        .map(([line, rest]) => Buffer.concat([Buffer.from(line, 'latin1'), rest])),
      fc
        .tuple(command, fc.uint8Array({maxLength: 60}))
        .map(([line, rest]) => Buffer.concat([Buffer.from(`${line}PACK\0\0\0\x02`, 'latin1'), rest])),
    );
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const answer = await ask(to.url, '/web.git/git-receive-pack', {
          method: 'POST',
          headers: RECEIVE,
          body: bytes,
        });
        expect([200, 400]).toContain(answer.status);
      }),
      {numRuns: 40},
    );
    expect(await ask(to.url, refs('git-receive-pack'))).toMatchObject({status: 200});
    expect(await git(repositoryOf(to.root), 'for-each-ref')).toBe('');
    expect(await git(repositoryOf(to.root), 'fsck', '--strict')).toBe('');
  });

  test('a pusher that stalls or goes away in the middle is let go, and leaves nothing', async () => {
    await using app = await pushedApp({big: randomBytes(100_000)});
    await using to = await receiver({limits: {stallMs: 200}});
    const {port} = new URL(to.url);
    for (const leave of [false, true]) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => {}).resume();
      const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0report-status`;
      socket.write(
        `POST /web.git/git-receive-pack HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99999\r\ncontent-type: ${RECEIVE['content-type']}\r\n\r\n` +
          `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000PACK`,
      );
      if (leave) socket.end();
      await once(socket, 'close');
    }
    await to.close();
    // As long a silence as a busy machine may take is no stall.
    await using patient = await startReceiver(yes, {root: to.root});
    expect(await push(app.clone, `${patient.url}/web.git`, 'main')).toMatchObject({code: 0});
    expect(await git(repositoryOf(to.root), 'count-objects', '-v')).toContain('garbage: 0');
  });
});

describe('starting', () => {
  test.each([
    ['0.0.0.0', undefined, 'RECEIVER_NEEDS_TOKEN'],
    ['192.0.2.1', undefined, 'RECEIVER_NEEDS_TOKEN'],
    ['192.0.2.1', token, 'RECEIVER_CANNOT_LISTEN'],
    ['127.0.0.1', 'short', 'RECEIVER_BAD_TOKEN'],
    ['127.0.0.1', 'with a blank', 'RECEIVER_BAD_TOKEN'],
  ])('on %s with the token %s is %s', async (host, given, code) => {
    await expectFault(receiver({listen: {host}, tokens: given}), code);
    expect(code).toMatch(/^RECEIVER_/);
  });

  test('with a bad name of an app is refused', async () => {
    const fault = await expectFault(receiver({apps: ['ok', 'Not Ok']}), 'RECEIVER_BAD_APP');
    expect(fault.message).toContain('"Not Ok"');
  });

  test('on a port that is taken says so, and leaves the root free', async () => {
    await using one = await receiver();
    await using dir = await testdir();
    const start = (port: number) => startReceiver(yes, {root: dir.path, listen: {port}});
    const fault = await expectFault(start(one.address.port), 'RECEIVER_CANNOT_LISTEN');
    expect(fault.message).toContain('another program listens there');
    const port = await freePort();
    await using two = await start(port);
    expect(two.url).toBe(`http://127.0.0.1:${port}`);
  });

  test('a second time for the same root is refused while the first one runs', async () => {
    await using one = await receiver();
    const fault = await expectFault(startReceiver(yes, {root: one.root}), 'LOCK_HELD');
    expect(fault.temporary).toBe(true);
    await one.close();
    await (await startReceiver(yes, {root: one.root})).close();
  });
});
