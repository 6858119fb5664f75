import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, readdirSync} from 'node:fs';
import {connect} from 'node:net';
import {deflateSync, gzipSync} from 'node:zlib';
import {expect, test} from '@jest/globals';
import {startReceiver, type Accept, type ReceiverOptions} from '@keelson/receiver';
import {describeWith, git, testdir, until} from '@keelson/test-kit';
import fc from 'fast-check';
import {cuttingProxy} from './cutting-proxy.ts';
import {push, pushedApp, repositoryOf} from './pushed-app.ts';

const yes: Accept = async () => ({accepted: true});

async function receiver(accept: Accept = yes, options: Partial<ReceiverOptions> = {}) {
  const dir = await testdir();
  const root = dir.at('root');
  const started = await startReceiver(accept, {root, ...options});
  return {
    root,
    url: started.url,
    [Symbol.asyncDispose]: async () => {
      await started.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Everything that a push which was not accepted could have left. */
function leftovers(root: string, app = 'web'): string[] {
  const own = `${root}/${app}/.keelson`;
  return ['incoming', 'repository.git/objects'].flatMap((folder) =>
    existsSync(`${own}/${folder}`)
      ? readdirSync(`${own}/${folder}`).filter((name) => !['info', 'pack'].includes(name))
      : [],
  );
}

describeWith(['git'], 'a connection that breaks', () => {
  test('at whichever byte of a push moves nothing and leaves nothing; the next push is served', async () => {
    await using app = await pushedApp({'noise.bin': randomBytes(200_000)});
    let accepted = 0;
    await using to = await receiver(async () => {
      accepted++;
      return {accepted: true};
    });
    for (const after of [1, 500, 700, 20_000, 199_000]) {
      await using proxy = await cuttingProxy(to.url, after + Math.floor(Math.random() * 50));
      expect((await push(app.clone, `${proxy.url}/web.git`, 'main')).code).not.toBe(0);
      expect(proxy.beyond()).toBeGreaterThanOrEqual(0);
    }
    expect(accepted).toBe(0);
    const last = await push(app.clone, `${to.url}/web.git`, 'main');
    expect(last).toMatchObject({code: 0});
    await until(() => leftovers(to.root).length === 0, {what: `the end of ${leftovers(to.root).join()}`});
    expect(await git(repositoryOf(to.root), 'fsck', '--strict', '--no-dangling')).toBe('');
  });
});

describeWith(['git'], 'many pushes at the same time', () => {
  test('to several apps are all answered: deployed, or told that a newer one came', async () => {
    await using app = await pushedApp();
    const running = new Map<string, number>();
    let together = 0;
    await using to = await receiver(async (received) => {
      running.set(received.app, (running.get(received.app) ?? 0) + 1);
      together = Math.max(together, running.get(received.app)!);
      await new Promise((resolve) => setImmediate(resolve));
      running.set(received.app, running.get(received.app)! - 1);
      return {accepted: true};
    });
    const apps = Array.from({length: 4}, (_, index) => `app-${index}`);
    const pushes = await Promise.all(
      Array.from({length: 12}, (_, index) =>
        push(app.clone, `${to.url}/${apps[index % apps.length]}.git`, 'main'),
      ),
    );
    const odd = pushes.filter(
      ({code, stderr}) =>
        code !== 0 &&
        !/A newer push of this app came|moved by another push|failed to update ref/.test(stderr),
    );
    expect(odd).toEqual([]);
    expect(together).toBe(1);
    for (const name of apps)
      expect(await git(repositoryOf(to.root, name), 'rev-parse', 'main')).toBe(
        await app.git('rev-parse', 'HEAD'),
      );
  });

  test('beyond those that may wait are told to come again', async () => {
    await using app = await pushedApp();
    let end = () => {};
    let started = () => {};
    const begun = new Promise<void>((resolve) => (started = resolve));
    const held = new Promise<void>((resolve) => (end = resolve));
    await using to = await receiver(
      async () => {
        started();
        await held;
        return {accepted: true};
      },
      {limits: {atOnce: 1}},
    );
    const first = push(app.clone, `${to.url}/web.git`, 'main');
    await begun;
    const waiting = Array.from({length: 10}, () =>
      fetch(`${to.url}/web.git/info/refs?service=git-upload-pack`),
    );
    let refused: Response | undefined;
    for (let tries = 0; refused?.status !== 503 && tries < 100; tries++)
      refused = await Promise.race([
        fetch(`${to.url}/web.git/info/refs?service=git-upload-pack`),
        new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 50)),
      ]);
    expect(refused?.headers.get('retry-after')).toBe('10');
    end();
    expect(await first).toMatchObject({code: 0});
    for (const answer of await Promise.all(waiting)) expect(answer.status).toBe(200);
  });
});

describeWith(['git'], 'what is pushed to harm', () => {
  test('a tree that unpacks to far more than it is on the wire is refused, in little memory', async () => {
    await using app = await pushedApp();
    await app.write({'clone/zeros': Buffer.alloc(150_000_000)});
    await app.git('add', 'zeros');
    await app.git('commit', '--quiet', '--message', 'a small pack');
    await using to = await receiver(yes, {limits: {treeBytes: 50_000_000}});
    const before = process.memoryUsage.rss();
    const {code, lines} = await push(app.clone, `${to.url}/web.git`, 'main');
    expect(code).toBe(1);
    expect(lines.join()).toContain('bytes; 50000000 is the limit');
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 ** 2);
    expect(leftovers(to.root)).toEqual([]);
  });

  test.each([
    ['a body that unpacks to more than may be sent', gzipSync(Buffer.alloc(50_000_000)), 413],
    ['a pack that says it has four billion objects', packOf(0xffff_ffff, Buffer.alloc(0)), 200],
    [
      'a pack whose object says it has a terabyte',
      packOf(1, Buffer.concat([Buffer.from('b0808080808001', 'hex'), deflateSync('x')])),
      200,
    ],
    ['a pack of noise', packOf(3, randomBytes(500)), 200],
    ['noise', randomBytes(2000), 200],
  ])('%s moves nothing, and the receiver serves on', async (what, body, status) => {
    await using app = await pushedApp();
    await using to = await receiver(yes, {limits: {bodyBytes: 1_000_000}});
    const answer = await fetch(`${to.url}/web.git/git-receive-pack`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-git-receive-pack-request',
        ...(what.includes('unpacks') && {'content-encoding': 'gzip'}),
      },
      body: new Uint8Array(body),
    }).catch(() => undefined);
    // git says what is wrong within its protocol, or nothing at all
    expect([status, 200, 400, undefined]).toContain(answer?.status);
    await answer?.text().catch(() => '');
    expect(await git(repositoryOf(to.root), 'for-each-ref')).toBe('');
    expect(await push(app.clone, `${to.url}/web.git`, 'main')).toMatchObject({code: 0});
    expect(leftovers(to.root)).toEqual([]);
  });

  test('any bytes at all to its ports leave it serving', async () => {
    await using app = await pushedApp();
    await using to = await receiver(yes, {limits: {stallMs: 10_000}});
    const {port} = new URL(to.url);
    const socket = `${to.root}/.keelson/receiver/stdio.sock`;
    const word = fc.constantFrom(
      'POST /web.git/git-receive-pack HTTP/1.1\r\n',
      'GET /web.git/info/refs?service=git-receive-pack HTTP/1.1\r\n',
      'PUT /web.tgz HTTP/1.1\r\n',
      'host: localhost\r\n',
      'content-type: application/x-git-receive-pack-request\r\n',
      'transfer-encoding: chunked\r\n',
      'content-length: 10\r\n',
      'content-range: bytes 1-2/3\r\n',
      'expect: 100-continue\r\n',
      '\r\n',
      '{"git":"receive-pack","name":"web"}\n',
      '{"put":true}\n',
      '{"kind":"put","protocol":1,"app":"web","fileDigest":"sha256-' + '0'.repeat(64) + '","bytes":10}\n',
      '0000',
      '00a1',
      'shallow ',
      'ffff',
    );
    const noise = fc.uint8Array({maxLength: 40}).map((bytes) => Buffer.from(bytes).toString('latin1'));
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(fc.oneof(word, noise), {maxLength: 12}),
        async (local, words) => {
          const client = local ? connect(socket) : connect(Number(port), '127.0.0.1');
          client.on('error', () => {});
          client.resume();
          client.end(Buffer.from(words.join(''), 'latin1'));
          await once(client, 'close').catch(() => {});
        },
      ),
      {numRuns: 60},
    );
    expect(await push(app.clone, `${to.url}/web.git`, 'main')).toMatchObject({code: 0});
    expect(leftovers(to.root)).toEqual([]);
  });
});

/** The beginning of a push of one commit, with a pack of these objects behind it (gitformat-pack(5)). */
function packOf(count: number, objects: Buffer): Buffer {
  const command = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0 report-status side-band-64k`;
  const line = `${(command.length + 4).toString(16).padStart(4, '0')}${command}0000`;
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(count, 8);
  return Buffer.concat([Buffer.from(line), header, objects, randomBytes(20)]);
}
