import {execFile, spawn} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {existsSync, readdirSync} from 'node:fs';
import {copyFile, readFile, rename, stat, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {connect} from 'node:net';
import {text} from 'node:stream/consumers';
import {expect, test} from '@jest/globals';
import {keptToken, startReceiver} from '@keelson/receiver';
import type {Accept, Received, ReceiverEvent, ReceiverOptions} from '@keelson/receiver';
import {bin, describeWith, git, launchBin, runBin, testdir, until} from '@keelson/test-kit';
import {push, pushedApp, repositoryOf, startGit} from './pushed-app.ts';

const program = bin('receiver');
const yes: Accept = async () => ({accepted: true});

async function receiver(accept: Accept, options: Partial<ReceiverOptions> = {}) {
  const dir = await testdir();
  const root = options.root ?? dir.at('root');
  const started = await startReceiver(accept, {root, ...options});
  return {
    root,
    url: started.url,
    dir,
    close: () => started.close(),
    [Symbol.asyncDispose]: async () => {
      await started.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

async function send(
  url: string,
  {
    method = 'PUT',
    headers = {},
    body,
  }: {method?: string; headers?: Record<string, string>; body?: Uint8Array},
): Promise<Answer> {
  const sent = request(url, {method, headers, agent: false});
  sent.on('error', () => {});
  sent.end(body);
  const [response] = await once(sent, 'response');
  const said = await text(response);
  return {status: response.statusCode, headers: response.headers, body: said};
}

const digestOf = (bytes: Uint8Array) => `sha256-${createHash('sha256').update(bytes).digest('hex')}`;
const lines = (body: string) =>
  body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);

describeWith(['git'], 'PUT of a tarball', () => {
  test('hands it to accept as it came; the status is the verdict', async () => {
    await using app = await pushedApp();
    const seen: Received[] = [];
    let verdict: Awaited<ReturnType<Accept>> = {accepted: true};
    await using to = await receiver(async (received, reply) => {
      seen.push(received);
      expect(await readFile(received.archive!.path)).toEqual(await readFile(app.archive.path));
      reply.line('\x1b[1mworking\x1b[0m');
      return verdict;
    });
    const body = await readFile(app.archive.path);
    expect(await send(`${to.url}/web.tgz`, {body})).toMatchObject({
      status: 201,
      body: 'working\nAccepted.\n',
    });
    expect(seen[0]).toMatchObject({
      app: 'web',
      protocol: 'http',
      revision: digestOf(body),
      archive: {form: 'file', digest: app.archive.digest},
    });
    expect(existsSync(seen[0]!.archive!.path)).toBe(false);
    verdict = {accepted: false, because: 'not today'};
    expect(await send(`${to.url}/web`, {body})).toMatchObject({status: 422, body: 'working\nnot today\n'});
    verdict = {accepted: false, because: 'later', temporary: true};
    expect(await send(`${to.url}/web`, {body})).toMatchObject({status: 503, headers: {'retry-after': '5'}});
    expect(readdirSync(`${to.root}/web/.keelson/uploads`)).toEqual([]);
    expect(readdirSync(`${to.root}/web/.keelson/incoming`)).toEqual([]);
  });

  test('tells a client of ours line by line, and what was accepted already', async () => {
    await using app = await pushedApp();
    let calls = 0;
    await using to = await receiver(async (_, reply) => {
      calls++;
      reply.line('working');
      return {accepted: true};
    });
    const body = await readFile(app.archive.path);
    const headers = {'keelson-upload': digestOf(body)};
    expect(await send(`${to.url}/web.tgz`, {method: 'HEAD', headers})).toMatchObject({
      status: 404,
      headers: {'keelson-offset': '0'},
    });
    const said = await send(`${to.url}/web.tgz`, {body, headers});
    expect(lines(said.body)).toEqual([
      {kind: 'line', text: 'working'},
      {kind: 'result', result: 'published', revision: expect.any(String)},
    ]);
    const asked = await send(`${to.url}/web.tgz`, {method: 'HEAD', headers});
    const base64 = createHash('sha256').update(body).digest('base64');
    expect(asked).toMatchObject({status: 200, headers: {'repr-digest': `sha-256=:${base64}:`}});
    expect(lines((await send(`${to.url}/web.tgz`, {body, headers})).body)).toMatchObject([
      {kind: 'result', result: 'already-published'},
    ]);
    expect(calls).toBe(1);
    // Something else in between: the same file is news again.
    await push(app.clone, `${to.url}/web.git`, 'main');
    expect(lines((await send(`${to.url}/web.tgz`, {body, headers})).body).at(-1)).toMatchObject({
      result: 'published',
    });
    expect(calls).toBe(3);
  });

  test('tells a client of ours that it is alive while accept says nothing', async () => {
    await using app = await pushedApp();
    let goOn = () => {};
    const heard = new Promise<void>((resolve) => (goOn = resolve));
    const accept: Accept = async () => {
      await heard;
      return {accepted: true};
    };
    await using to = await receiver(accept, {limits: {stallMs: 2000}});
    const body = await readFile(app.archive.path);
    const sent = request(`${to.url}/web.tgz`, {method: 'PUT', headers: {'keelson-upload': digestOf(body)}});
    sent.end(body);
    const [response] = await once(sent, 'response');
    let said = '';
    for await (const chunk of response as AsyncIterable<Buffer>) {
      said += String(chunk);
      if (said.startsWith('\n')) goOn();
    }
    expect(lines(said)).toMatchObject([{kind: 'result', result: 'published'}]);
  });

  test('a refusal reaches a client that still sends and wants no other request', async () => {
    await using to = await receiver(yes, {limits: {bodyBytes: 100_000}});
    const {port} = new URL(to.url);
    const socket = connect({port: Number(port), host: '127.0.0.1', allowHalfOpen: true}).pause();
    socket.write('PUT /web.tgz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n');
    socket.write(`transfer-encoding: chunked\r\n\r\n${(8_000_000).toString(16)}\r\n`);
    // Reads nothing before all is sent: a connection that is reset meanwhile takes the answer along.
    await new Promise((resolve, reject) => {
      socket.once('error', reject).end(`${'x'.repeat(8_000_000)}\r\n0\r\n\r\n`, () => resolve(undefined));
    });
    const said = await text(socket);
    expect(said).toMatch(/^HTTP\/1.1 413 /);
    expect(said).toContain('A push may have 100000 bytes here.');
  });

  test('broken off anywhere is taken up where it broke, and nothing is accepted before its last byte', async () => {
    await using app = await pushedApp({'big.bin': randomBytes(3_000_000)});
    let calls = 0;
    await using to = await receiver(async () => {
      calls++;
      return {accepted: true};
    });
    const body = await readFile(app.archive.path);
    const headers = {'keelson-upload': digestOf(body)};
    const offset = async () =>
      Number((await send(`${to.url}/web`, {method: 'HEAD', headers})).headers['keelson-offset']);
    for (let tries = 0; tries < 4; tries++) {
      const from = await offset();
      const rest = body.subarray(from, from + 500_000 + tries * 1001);
      const part = request(`${to.url}/web`, {
        method: 'PUT',
        agent: false,
        headers: {
          ...headers,
          'content-length': String(body.length - from),
          ...(from > 0 && {'content-range': `bytes ${from}-${body.length - 1}/${body.length}`}),
        },
      });
      part.on('error', () => {});
      part.write(rest);
      await until(
        async () =>
          (await stat(`${to.root}/web/.keelson/uploads/${digestOf(body)}`).catch(() => ({size: 0}))).size >=
          from + rest.length,
        {what: 'the bytes'},
      );
      await new Promise((resolve) => {
        part.on('close', resolve);
        part.destroy();
      });
      await until(async () => (await send(`${to.url}/web`, {method: 'HEAD', headers})).status !== 503, {
        what: 'the end of it',
      });
    }
    expect(calls).toBe(0);
    const from = await offset();
    const last = await send(`${to.url}/web`, {
      headers: {
        ...headers,
        ...(from > 0 && {'content-range': `bytes ${from}-${body.length - 1}/${body.length}`}),
      },
      body: body.subarray(from),
    });
    expect(lines(last.body).at(-1)).toMatchObject({result: 'published'});
    expect(calls).toBe(1);
  });

  test.each([
    [
      'a digest that is not the file’s',
      {'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:`},
      400,
      'Send it again',
    ],
    ['a digest that cannot be one', {'x-checksum-sha256': 'abc'}, 400, 'holds no sha-256'],
    ['a range without a digest', {'content-range': 'bytes 5-9/10'}, 400, 'Content-Range'],
    [
      'a range that does not reach the end',
      {'content-range': 'bytes 0-3/10', 'keelson-upload': `sha256-${'0'.repeat(64)}`},
      400,
      'Content-Range',
    ],
    [
      'a range whose beginning is not here',
      {'content-range': 'bytes 5-8/9', 'keelson-upload': `sha256-${'1'.repeat(64)}`},
      409,
      'Only 0 bytes',
    ],
  ])('with %s is refused', async (_, headers, status, because) => {
    await using to = await receiver(yes);
    const body = Buffer.from('body');
    expect(await send(`${to.url}/web.tgz`, {headers, body})).toMatchObject({
      status,
      body: expect.stringContaining(because),
    });
    expect(
      readdirSync(to.root)
        .filter((name) => name === 'web')
        .flatMap((name) => readdirSync(`${to.root}/${name}/.keelson/uploads`)),
    ).toEqual([]);
  });

  test.each([
    ['no tarball', Buffer.from('hello'), {}],
    ['one that was cut off', undefined, {}],
  ])('of %s is refused, and leaves nothing', async (_, given, headers) => {
    await using app = await pushedApp({'noise.bin': randomBytes(50_000)});
    const body = given ?? (await readFile(app.archive.path)).subarray(0, 20_000);
    await using to = await receiver(async ({archive}) => {
      const {verifyArchive} = await import('@keelson/archive');
      await verifyArchive(archive!);
      return {accepted: true};
    });
    const {status, body: said} = await send(`${to.url}/web.tgz`, {headers, body});
    expect(status).toBe(422);
    expect(said).not.toContain(to.root);
    expect(readdirSync(`${to.root}/web/.keelson/uploads`)).toEqual([]);
  });

  test('over the limit is refused, whether its size is said or not', async () => {
    await using to = await receiver(yes, {limits: {apps: {web: {bodyBytes: 1000}}}});
    const body = new Uint8Array(5000);
    expect((await send(`${to.url}/web.tgz`, {body})).status).toBe(413);
    expect((await send(`${to.url}/web.tgz`, {body, headers: {'transfer-encoding': 'chunked'}})).status).toBe(
      413,
    );
    expect(readdirSync(`${to.root}/web/.keelson/uploads`)).toEqual([]);
  });

  test('of a package that is not built: refused, or handed over where packages are taken', async () => {
    await using dir = await testdir({'src/package.json': '{"name": "@me/shop", "version": "1.2.3"}'});
    await runBinless('npm', ['pack', '--silent', '--pack-destination', dir.path], dir.at('src'));
    const body = await readFile(dir.at('me-shop-1.2.3.tgz'));
    await using strict = await receiver(yes);
    expect(await send(`${strict.url}/shop.tgz`, {body})).toMatchObject({
      status: 422,
      body: expect.stringContaining('keelson build'),
    });
    let brought: Received | undefined;
    await using open = await receiver(
      async (received) => {
        brought = received;
        expect(existsSync(`${received.package!.path}/package.json`)).toBe(true);
        return {accepted: true};
      },
      {packages: true},
    );
    expect((await send(`${open.url}/shop.tgz`, {body})).status).toBe(201);
    expect(brought).toMatchObject({package: {kind: 'package', name: '@me/shop', version: '1.2.3'}});
  });
});

async function runBinless(command: string, args: string[], cwd: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    execFile(command, args, {cwd}, (error) => (error === null ? resolve() : reject(error)));
  });
}

describeWith(['git'], 'tokens', () => {
  test('each open their apps alone, and tell who pushed', async () => {
    await using app = await pushedApp();
    const by: (string | undefined)[] = [];
    await using to = await receiver(
      async (received) => {
        by.push(received.by);
        return {accepted: true};
      },
      {
        tokens: [
          keptToken('ci', 'correct-horse-battery', ['web']),
          keptToken('root', 'open-everything-please'),
        ],
      },
    );
    const as = (token: string, name: string) => `${to.url.replace('//', `//me:${token}@`)}/${name}.git`;
    expect(await push(app.clone, as('correct-horse-battery', 'web'), 'main')).toMatchObject({code: 0});
    expect(await push(app.clone, as('correct-horse-battery', 'blog'), 'main')).toMatchObject({
      code: 128,
      stderr: expect.stringContaining('403'),
    });
    expect(await push(app.clone, as('open-everything-please', 'blog'), 'main')).toMatchObject({code: 0});
    expect(await push(app.clone, as('something-else-entirely', 'web'), 'main')).toMatchObject({code: 128});
    expect(by).toEqual(['ci', 'root']);
    expect(existsSync(`${to.root}/blog`)).toBe(true);
  });

  test('are made by a command, and read from the file of --config', async () => {
    await using app = await pushedApp();
    await using dir = await testdir();
    const {stdout, stderr} = await runBin(program, ['token', 'ci', '--app', 'web']);
    const token = /token: (\S+)/.exec(stderr)![1]!;
    expect(stdout).not.toContain(token);
    await writeFile(
      dir.at('config.json'),
      JSON.stringify({
        apps: {web: {}, api: {from: 'mono#live', workspace: 'packages/api'}},
        tokens: [JSON.parse(stdout)],
      }),
    );
    await using running = launchBin(
      program,
      ['--apps', dir.at('apps'), '--listen', ':0', '--config', dir.at('config.json')],
      {
        env: {KEELSON_TOKEN: undefined},
      },
    );
    const url = (await running.line('listening on')).replace('listening on http://', `http://me:${token}@`);
    expect(await push(app.clone, `${url}/web.git`, 'main')).toMatchObject({code: 0});
    expect((await push(app.clone, `${url}/mono.git`, 'main:live')).stderr).toContain('403');
    running.kill('SIGTERM');
    expect(await running.exited).toEqual({code: 0, signal: null});
  });

  test.each([
    ['{"apps": {"web": {"form": "x"}}}', 'apps.web: there is no key form'],
    ['{"tokens": [{"name": "ci", "sha256": "x"}]}', 'tokens.0.sha256: must be a sha-256'],
    ['{', 'it is no JSON'],
  ])('a config file %s is refused with the field', async (config, because) => {
    await using dir = await testdir({'c.json': config});
    const result = await runBin(program, ['--apps', dir.at('apps'), '--config', dir.at('c.json')]);
    expect(result).toMatchObject({code: 1, stdout: '', stderr: expect.stringContaining(because)});
  });
});

describeWith(['git'], 'branches', () => {
  test('are apps as the routes say; one branch can be several workspaces', async () => {
    await using app = await pushedApp();
    const seen: object[] = [];
    await using to = await receiver(
      async ({app: name, workspace, branch}) => {
        seen.push({name, workspace, branch});
        return {accepted: true};
      },
      {
        branches: [
          {repository: 'shop', branch: 'main', app: 'shop'},
          {repository: 'shop', branch: 'next', app: 'shop-staging'},
          {repository: 'mono', branch: 'main', app: 'api', workspace: 'packages/api'},
          {repository: 'mono', branch: 'main', app: 'site', workspace: 'packages/site'},
        ],
      },
    );
    expect(await push(app.clone, `${to.url}/shop.git`, 'main:next')).toMatchObject({code: 0});
    expect(await push(app.clone, `${to.url}/mono.git`, 'main')).toMatchObject({code: 0});
    expect(seen).toEqual([
      {name: 'shop-staging', branch: 'next'},
      {name: 'api', workspace: 'packages/api', branch: 'main'},
      {name: 'site', workspace: 'packages/site', branch: 'main'},
    ]);
    const {lines: said} = await push(app.clone, `${to.url}/shop.git`, 'main:other');
    expect(said.join()).toContain('Only main and next are deployed here');
  });
});

describeWith(['git'], 'a drop folder', () => {
  test('receives what is moved and what is copied there, and what was there before', async () => {
    await using app = await pushedApp();
    await using dir = await testdir({'drop/early.txt': ''});
    const seen: string[] = [];
    const events: ReceiverEvent[] = [];
    await copyFile(app.archive.path, dir.at('drop/first-1.2.0.tgz'));
    await using to = await receiver(
      async (received, reply) => {
        seen.push(`${received.app} ${received.protocol}`);
        reply.line('working');
        return received.app === 'bad' ? {accepted: false, because: 'no'} : {accepted: true};
      },
      {watch: dir.at('drop'), onEvent: (event) => void events.push(event)},
    );
    expect(to.url).not.toBe('');
    await copyFile(app.archive.path, dir.at('moved'));
    await rename(dir.at('moved'), dir.at('drop/web.tgz'));
    await copyFile(app.archive.path, dir.at('drop/bad.tgz'));
    await copyFile(app.archive.path, dir.at('drop/Odd.tgz'));
    await until(() => seen.length === 3 && readdirSync(dir.at('drop')).length === 3, {what: 'all three'});
    expect(seen.sort()).toEqual(['bad folder', 'first folder', 'web folder']);
    expect(readdirSync(dir.at('drop')).sort()).toEqual(['accepted', 'early.txt', 'refused']);
    const [log] = readdirSync(dir.at('drop/refused')).filter((name) => name.endsWith('-bad.tgz.log'));
    expect(await readFile(dir.at(`drop/refused/${log}`), 'utf8')).toBe('working\nno\n');
    expect(readdirSync(dir.at('drop/accepted')).filter((name) => name.endsWith('.tgz'))).toHaveLength(2);
    expect(events).toContainEqual({
      type: 'receiver:refused',
      app: 'Odd',
      revision: '',
      because: 'There is no app "Odd" here.',
    });
  });
});

describeWith(['git'], 'keelson-receive --stdio', () => {
  /** What sshd does with a forced command. */
  const ssh = (root: string) =>
    `sh -c 'SSH_ORIGINAL_COMMAND="$2" exec ${process.execPath} "${program}" --apps ${root} --stdio' ssh`;

  test.each([
    ['alone', false],
    ['beside a receiver', true],
  ])('serves git push and fetch, %s', async (_, beside) => {
    await using app = await pushedApp();
    await using dir = await testdir();
    const root = dir.at(`${'long-'.repeat(30)}/apps`); // longer than the path of a socket may be
    const running = beside ? await startReceiver(yes, {root}) : undefined;
    try {
      await app.git('config', 'core.sshCommand', ssh(root));
      const pushed = await push(app.clone, 'ssh://host/web.git', 'main');
      expect(pushed).toMatchObject({code: 0});
      expect(pushed.lines).toEqual(beside ? [] : [`Kept web 1.0.1 (${app.archive.digest}).`]);
      expect(await git(repositoryOf(root), 'rev-parse', 'main')).toBe(await app.git('rev-parse', 'HEAD'));
      await app.git('fetch', '--quiet', 'ssh://host/web.git', 'main');
      const refused = await startGit(app.clone, 'push', 'ssh://host/Web.git', 'main').ended;
      expect(refused).toMatchObject({
        code: 128,
        stderr: expect.stringContaining('There is no such app here'),
      });
    } finally {
      await running?.close();
    }
  });

  test('takes an upload, and one that broke off', async () => {
    await using app = await pushedApp({'big.bin': randomBytes(300_000)});
    await using dir = await testdir();
    const body = await readFile(app.archive.path);
    const hello = {kind: 'put', protocol: 1, app: 'web', fileDigest: digestOf(body), bytes: body.length};
    const session = async (bytes: (offset: number) => Uint8Array) => {
      const child = spawn(process.execPath, [program, '--apps', dir.at('apps'), '--stdio'], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: {...process.env, SSH_ORIGINAL_COMMAND: undefined},
      });
      child.stdin.write(`${JSON.stringify(hello)}\n`);
      let said = '';
      child.stdout.on('data', (chunk) => {
        const first = said === '';
        said += String(chunk);
        if (!first) return;
        const {offset} = JSON.parse(said.split('\n')[0]!) as {offset?: number};
        if (offset === undefined) child.stdin.end();
        else child.stdin.end(bytes(offset));
      });
      const [code] = await once(child, 'close');
      return {code: code as number, lines: lines(said)};
    };
    const broken = await session((offset) => body.subarray(offset, 100_000));
    expect(broken).toMatchObject({
      code: 1,
      lines: [{offset: 0}, {result: 'refused', because: expect.stringContaining('100000 of')}],
    });
    const whole = await session((offset) => body.subarray(offset));
    expect(whole).toMatchObject({
      code: 0,
      lines: [
        {kind: 'offset', offset: 100_000},
        {kind: 'line', text: expect.stringContaining('Kept web')},
        {result: 'published'},
      ],
    });
    expect(await session(() => body)).toMatchObject({code: 0, lines: [{result: 'already-published'}]});
  });

  test('an upload under way keeps no closing receiver waiting', async () => {
    await using dir = await testdir();
    const closing = new AbortController();
    const limits = {stallMs: 600_000, closeMs: 600_000};
    const running = await startReceiver(yes, {root: dir.path, listen: false, limits, signal: closing.signal});
    const socket = connect(dir.at('.keelson/receiver/stdio.sock'));
    const hello = {kind: 'put', protocol: 1, app: 'web', fileDigest: digestOf(Buffer.from('')), bytes: 9};
    socket.write(`{"put":true}\n${JSON.stringify(hello)}\n`);
    await once(socket, 'data'); // the offset
    closing.abort();
    await once(socket.resume(), 'close');
    await running.close();
    expect(await dir.list('.keelson/receiver')).not.toContain('stdio.sock');
  });

  test.each(['', 'sh', 'git-receive-pack "$(id)"', "git-upload-pack 'a'; id", 'scp -t x'])(
    'opens no shell for %j',
    async (command) => {
      await using dir = await testdir();
      const result = await runBin(program, ['--apps', dir.at('apps'), '--stdio'], {
        env: {SSH_ORIGINAL_COMMAND: command},
      });
      expect(result).toMatchObject({code: 1, stdout: '', stderr: expect.stringContaining('opens no shell')});
    },
  );
});

describeWith(['git'], '--exec', () => {
  test('decides: its output goes to the pusher, its stdin is the archive', async () => {
    await using app = await pushedApp();
    await using dir = await testdir();
    const exec = `cat > "$OUT"; echo "deploying $KEELSON_APP"; test -f "$KEELSON_PATH/server.js" && . "$END"`;
    await using running = launchBin(program, ['--apps', dir.at('apps'), '--listen', ':0', '--exec', exec], {
      env: {OUT: dir.at('out'), END: dir.at('end'), KEELSON_TOKEN: undefined},
    });
    const url = (await running.line('listening on')).replace('listening on ', '');
    for (const [end, because] of [
      ['exit 3', 'ended with 3.'],
      ['kill -9 $$', 'was ended by SIGKILL.'],
      ['exit 0', undefined],
    ] as const) {
      await dir.write({end});
      const pushed = await push(app.clone, `${url}/web.git`, 'main');
      expect(pushed.code).toBe(because === undefined ? 0 : 1);
      expect(pushed.lines).toEqual([
        'deploying web',
        ...(because === undefined ? [] : [`The command of this receiver ${because}`]),
      ]);
      expect(JSON.parse(await readFile(dir.at('out'), 'utf8'))).toMatchObject({
        kind: 'archive',
        digest: app.archive.digest,
      });
    }
    running.kill('SIGTERM');
    await running.exited;
  });
});
