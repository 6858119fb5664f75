import {randomBytes} from 'node:crypto';
import {existsSync, mkdirSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {expect, test} from '@jest/globals';
import {startReceiver, type Accept, type ReceiverEvent, type ReceiverOptions} from '@keelson/receiver';
import {verifyTree} from '@keelson/archive';
import {bin, describeWith, git, runBin, testdir, until} from '@keelson/test-kit';
import {countingProxy} from './counting-proxy.ts';
import {push, pushedApp, repositoryOf, startGit} from './pushed-app.ts';

const yes: Accept = async () => ({accepted: true});

async function receiver(accept: Accept, options: Partial<ReceiverOptions> = {}) {
  const dir = await testdir();
  const root = options.root ?? dir.at('root');
  const started = await startReceiver(accept, {root, ...options}).catch(async (error: unknown) => {
    await dir[Symbol.asyncDispose]();
    throw error;
  });
  return {
    root,
    url: `${started.url}/web.git`,
    close: () => started.close(),
    head: () => git(repositoryOf(root), 'for-each-ref', '--format=%(refname) %(objectname)'),
    fsck: () => git(repositoryOf(root), 'fsck', '--strict', '--no-dangling'),
    [Symbol.asyncDispose]: async () => {
      await started.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** An accept that says that it has begun, and ends when it is told to. */
function slow() {
  let begun = () => {};
  let end: (accepted: boolean) => void = () => {};
  const started = new Promise<void>((resolve) => (begun = resolve));
  const finish = new Promise<boolean>((resolve) => (end = resolve));
  const seen: {signal?: AbortSignal; path?: string} = {};
  const accept: Accept = async (received, reply) => {
    Object.assign(seen, {signal: reply.signal, path: received.archive!.path});
    reply.line('working');
    begun();
    const aborted = new Promise<boolean>((_, reject) => {
      reply.signal.addEventListener('abort', () => reject(reply.signal.reason as Error), {once: true});
    });
    return (await Promise.race([finish, aborted])) ? {accepted: true} : {accepted: false, because: 'told so'};
  };
  return {accept, started, end: (accepted: boolean) => end(accepted), seen};
}

describeWith(['git'], 'a push', () => {
  test('hands the archive to accept, and moves the branch when it is accepted', async () => {
    await using app = await pushedApp({
      'server.js': 'a\r\n',
      '.gitattributes': '* text=auto',
      'bin/x': {mode: 0o755, content: ''},
    });
    const events: ReceiverEvent[] = [];
    let path = '';
    await using to = await receiver(
      async (received, reply) => {
        path = received.archive!.path;
        expect(received).toMatchObject({
          kind: 'received',
          app: 'web',
          branch: 'main',
          protocol: 'git',
          archive: {form: 'directory', digest: app.archive.digest, manifest: {name: 'web', version: '1.0.1'}},
        });
        expect(await readFile(`${path}/server.js`, 'utf8')).toBe('a\r\n');
        expect((await verifyTree(path)).problems).toEqual([]);
        expect(reply.signal.aborted).toBe(false);
        expect(await to.head()).toBe(''); // nothing has moved yet
        reply.line('hello');
        return {accepted: true};
      },
      {onEvent: (event) => events.push(event)},
    );
    const revision = await app.git('rev-parse', 'HEAD');
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 0, lines: ['hello']});
    expect(await to.head()).toBe(`refs/heads/main ${revision}`);
    expect(existsSync(path)).toBe(false);
    const told = {app: 'web', revision, digest: app.archive.digest};
    expect(events.slice(1)).toEqual([
      {type: 'receiver:received', ...told},
      {type: 'receiver:accepted', ...told},
    ]);
    await git(app.path, 'clone', '--quiet', to.url, 'again');
    expect(await git(app.at('again'), 'rev-parse', 'HEAD')).toBe(revision);
  });

  test('shows what accept says while it works', async () => {
    await using app = await pushedApp();
    const work = slow();
    await using to = await receiver(work.accept);
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await pushing.said('remote: working'); // accept has not ended
    work.end(true);
    expect(await pushing.ended).toMatchObject({code: 0});
  });

  test('is refused with the reason, and the next one is not', async () => {
    await using app = await pushedApp();
    let accepted = false;
    await using to = await receiver(async (_, reply) => {
      reply.line('line one\nline \x1b[31mtwo\x1b[0m\x07\r');
      return accepted ? {accepted} : {accepted, because: 'not on\na Friday'};
    });
    const refused = await push(app.clone, to.url, 'main');
    expect(refused).toMatchObject({code: 1, lines: ['line one', 'line two', 'not on', 'a Friday']});
    expect(refused.stderr).toContain('pre-receive hook declined');
    expect(await to.head()).toBe('');
    accepted = true;
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 0});
  });

  test('an accept that throws refuses it, and the receiver goes on', async () => {
    await using app = await pushedApp();
    let failing = true;
    await using to = await receiver(async () => {
      if (failing) throw new RangeError('out of cheese');
      return {accepted: true};
    });
    expect(await push(app.clone, to.url, 'main')).toMatchObject({
      code: 1,
      lines: ['The receiver failed: out of cheese'],
    });
    failing = false;
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 0});
  });

  test('of something that was not built says what to do', async () => {
    await using dir = await testdir({'src/package.json': '{}'});
    await git(dir.at('src'), 'init', '--quiet', '--initial-branch=main');
    await git(dir.at('src'), 'add', '--all');
    await git(dir.at('src'), 'commit', '--quiet', '-m', '1');
    await using to = await receiver(yes);
    const {code, lines} = await push(dir.at('src'), to.url, 'main');
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('keelson build . --out app.tgz && keelson publish app.tgz');
  });

  test.each([
    ['another branch', ['HEAD:refs/heads/next'], 'Only main is deployed here, not refs/heads/next'],
    ['a tag', ['HEAD:refs/tags/v1'], 'Only main is deployed here, not refs/tags/v1'],
    ['main and more', ['main', 'HEAD:refs/heads/next'], 'Only main is deployed here'],
  ])('to %s is refused', async (_, refs, because) => {
    await using app = await pushedApp();
    await using to = await receiver(yes);
    const {code, lines} = await push(app.clone, to.url, ...refs);
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain(because);
    expect(await to.head()).toBe('');
  });

  test('may rewrite the branch, and not delete it', async () => {
    await using app = await pushedApp();
    await using to = await receiver(yes);
    await push(app.clone, to.url, 'main');
    expect(await push(app.clone, to.url, ':main')).toMatchObject({
      code: 1,
      lines: ['main cannot be deleted: it is what runs.'],
    });
    await app.git('commit', '--quiet', '--amend', '--message', 'other');
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 1}); // git itself: not a fast-forward
    expect(await push(app.clone, '--force', to.url, 'main')).toMatchObject({code: 0});
    expect(await to.head()).toBe(`refs/heads/main ${await app.git('rev-parse', 'HEAD')}`);
  });

  test('from a clone without history is fine', async () => {
    await using app = await pushedApp();
    await app.change({'server.js': '2'}, 'second');
    await git(app.path, 'clone', '--quiet', '--depth=1', `file://${app.clone}`, 'shallow');
    await using to = await receiver(yes);
    expect(await push(app.at('shallow'), to.url, 'main')).toMatchObject({code: 0});
    await app.change({'server.js': '3'}, 'third');
    await git(app.at('shallow'), 'fetch', '--quiet', '--depth=1');
    await git(app.at('shallow'), 'reset', '--quiet', '--hard', 'origin/main');
    // git cannot see there that its commit follows the one that was pushed
    expect(await push(app.at('shallow'), '--force', to.url, 'main')).toMatchObject({code: 0});
    expect(await to.fsck()).toBe('');
  });

  test('with a submodule in it is refused', async () => {
    await using app = await pushedApp();
    await app.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},mod`);
    await app.git('commit', '--quiet', '--message', 'sub');
    await using to = await receiver(yes);
    expect((await push(app.clone, to.url, 'main')).lines).toEqual([
      '"mod" is a submodule, whose files are not in the commit',
    ]);
  });

  test('with a link out of the tree is refused', async () => {
    await using app = await pushedApp();
    await app.write({'clone/evil': {link: '../../../../etc'}});
    await app.git('add', 'evil');
    await app.git('commit', '--quiet', '--message', 'evil');
    await using to = await receiver(yes);
    expect((await push(app.clone, to.url, 'main')).lines.join()).toContain('leads out of the tree');
    expect(await to.head()).toBe('');
  });

  test('with an odd .gitmodules of some dependency is fine', async () => {
    await using app = await pushedApp({
      'node_modules/x/.gitmodules':
        '[submodule "../../x"]\n\turl = -u./evil\n\tpath = -p\n\tupdate = !false\n',
    });
    await using to = await receiver(yes);
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 0});
  });

  test('over the limit of files or bytes is refused', async () => {
    await using app = await pushedApp({a: 'x'.repeat(5000), b: ''});
    for (const [limits, because] of [
      [{files: 2}, 'files; 2 is the limit'],
      [{treeBytes: 5000}, 'bytes; 5000 is the limit'],
    ] as const) {
      await using to = await receiver(yes, {limits});
      expect((await push(app.clone, to.url, 'main')).lines.join()).toContain(because);
    }
  });

  test('by the path of the repository is refused', async () => {
    await using app = await pushedApp();
    await using to = await receiver(yes);
    await push(app.clone, to.url, 'main'); // makes it
    const head = await to.head();
    await app.change({'server.js': '2'}, 'second');
    expect((await push(app.clone, repositoryOf(to.root), 'main')).lines.join()).toContain(
      'only through its receiver',
    );
    expect(await to.head()).toBe(head);
  });

  test('works below a folder with every kind of odd name, and for a daemon with odd options', async () => {
    await using app = await pushedApp();
    await using dir = await testdir({'r 1\'"$(x):\\;*/': ''});
    const saved = {...process.env};
    process.env['NODE_OPTIONS'] = '--import /nowhere.mjs';
    process.env['GIT_DIR'] = '/nowhere';
    process.env['TMPDIR'] = dir.at('t'.repeat(90));
    try {
      mkdirSync(process.env['TMPDIR']);
      // too long for a unix socket, both of them
      await using to = await receiver(yes, {root: dir.at(`r 1'"$(x):\\;*/${'d'.repeat(90)}`)});
      expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 0});
    } finally {
      for (const name of ['NODE_OPTIONS', 'GIT_DIR', 'TMPDIR'])
        if (saved[name] === undefined) delete process.env[name];
        else process.env[name] = saved[name];
    }
  });

  test('from keelson-publish arrives with the same digest', async () => {
    await using app = await pushedApp({'empty/': '', 'x/y': '1'});
    let digest = '';
    await using to = await receiver(async ({archive}, reply) => {
      digest = (await verifyTree(archive!.path)).digest;
      reply.line('welcome');
      return {accepted: true};
    });
    const publish = () =>
      runBin(bin('publisher'), [app.archive.path, to.url], {env: {KEELSON_TOKEN: undefined}});
    expect(await publish()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('published: web 1.0.1'),
      stderr: expect.stringContaining('remote: welcome'),
    });
    expect(digest).toBe(app.archive.digest);
    expect(await publish()).toMatchObject({code: 0, stdout: expect.stringContaining('already-published')});
  });

  test('from keelson-publish sends what changed, and fetches no contents for it', async () => {
    const noise = randomBytes(200_000);
    await using app = await pushedApp({'big.bin': noise, 'stays.bin': randomBytes(300_000)});
    await using to = await receiver(yes, {tokens: 'correct-horse-battery'});
    await using proxy = await countingProxy(to.url);
    const publish = async (path: string) => {
      const before = proxy.seen.length;
      const result = await runBin(bin('publisher'), [path, `${proxy.url}/web.git`], {
        env: {KEELSON_TOKEN: 'correct-horse-battery'},
      });
      expect(result).toMatchObject({code: 0});
      return proxy.seen.slice(before);
    };
    await publish(app.archive.path);
    // A good base for a delta, were it here.
    await app.change(
      {'big.bin': Buffer.concat([noise, Buffer.from('more')]), 'stays.bin': await app.bytes('stays.bin')},
      'second',
    );
    const seen = await publish(app.at('web-2.tgz'));
    const count = (what: string) => seen.filter((one) => one.what.startsWith(what)).length;
    expect(count('POST /web.git/git-upload-pack')).toBe(2); // ls-refs and fetch
    const sent = seen.find((one) => one.what === 'POST /web.git/git-receive-pack' && one.bytes > 1000);
    expect(sent!.bytes).toBeLessThan(230_000);
  });
});

describeWith(['git'], 'several pushes', () => {
  test('of one app come one after the other; of those who wait the newest is next, and the others give way', async () => {
    await using app = await pushedApp();
    const works = [slow(), slow()];
    let calls = 0;
    await using to = await receiver((received, reply) => works[calls++]!.accept(received, reply));
    const first = startGit(app.clone, 'push', to.url, 'main');
    await works[0]!.started;
    await app.change({'server.js': '2'}, 'second');
    const second = startGit(app.clone, 'push', to.url, 'main');
    await second.said('Another push of this app is being deployed');
    const revision = await app.change({'server.js': '3'}, 'third');
    const third = startGit(app.clone, 'push', to.url, 'main');
    expect(await second.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('A newer push of this app came'),
    });
    expect(calls).toBe(1);
    works[0]!.end(true);
    expect(await first.ended).toMatchObject({code: 0});
    await works[1]!.started;
    works[1]!.end(true);
    expect(await third.ended).toMatchObject({code: 0});
    expect(await to.head()).toBe(`refs/heads/main ${revision}`);
    expect(await to.fsck()).toBe('');
  });

  test('that part ways: the later one learns that it is late', async () => {
    await using app = await pushedApp();
    const work = slow();
    await using to = await receiver(work.accept);
    const first = startGit(app.clone, 'push', to.url, 'main');
    await work.started;
    await app.git('commit', '--quiet', '--amend', '--message', 'other');
    const second = startGit(app.clone, 'push', to.url, 'main');
    await second.said('Another push of this app is being deployed');
    work.end(true);
    expect(await first.ended).toMatchObject({code: 0});
    expect(await second.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('main was moved by another push in the meantime'),
    });
  });

  test('of several apps run at the same time', async () => {
    await using app = await pushedApp();
    const apps = new Set<string>();
    let all = () => {};
    const together = new Promise<void>((resolve) => (all = resolve));
    await using to = await receiver(async (received) => {
      apps.add(received.app);
      if (apps.size === 3) all();
      await together;
      return {accepted: true};
    });
    const pushes = ['a', 'b-2', 'c'].map((name) => push(app.clone, to.url.replace('web', name), 'main'));
    for (const {code} of await Promise.all(pushes)) expect(code).toBe(0);
  });
});

describeWith(['git'], 'a pusher that is killed', () => {
  test('while accept runs: accept is told, the branch stays, the next push is served', async () => {
    await using app = await pushedApp();
    const work = slow();
    let served = work.accept;
    await using to = await receiver((received, reply) => served(received, reply));
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await work.started;
    pushing.kill();
    await pushing.ended;
    await until(() => work.seen.signal!.aborted, {what: 'the abort of accept'});
    await until(() => !existsSync(work.seen.path!), {what: 'the removal of the tree'});
    served = yes;
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 0});
    expect(await to.fsck()).toBe('');
  });

  test('when accept goes on all the same and accepts, the branch moves: what runs is what it says', async () => {
    await using app = await pushedApp();
    let begun = () => {};
    const started = new Promise<void>((resolve) => (begun = resolve));
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    await using to = await receiver(async (_, reply) => {
      begun();
      await new Promise((resolve) => reply.signal.addEventListener('abort', resolve));
      finish();
      return {accepted: true};
    });
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await started;
    pushing.kill();
    await finished;
    const revision = await app.git('rev-parse', 'HEAD');
    await until(async () => (await to.head()) !== '', {what: 'the branch'});
    expect(await to.head()).toBe(`refs/heads/main ${revision}`);
  });
});

describeWith(['git'], 'closing', () => {
  test('waits for a running push and takes no new one', async () => {
    await using app = await pushedApp();
    const work = slow();
    await using to = await receiver(work.accept);
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await work.started;
    const closing = to.close();
    expect(await push(app.clone, to.url, 'main')).toMatchObject({code: 128});
    expect(work.seen.signal!.aborted).toBe(false);
    work.end(true);
    await closing;
    expect(await pushing.ended).toMatchObject({code: 0});
  });

  test('aborts a push that takes too long', async () => {
    await using app = await pushedApp();
    const work = slow();
    await using to = await receiver(work.accept, {limits: {closeMs: 2000}});
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await work.started;
    await to.close();
    expect(work.seen.signal!.aborted).toBe(true);
    expect(await pushing.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('given up: the receiver closes'),
    });
    expect(await to.head()).toBe('');
  });

  test('by force ends a push whose accept does not listen, and git does not wait for more', async () => {
    await using app = await pushedApp();
    let end: () => void = () => {};
    const never = new Promise<void>((resolve) => (end = resolve));
    await using to = await receiver(
      async (_, reply) => {
        reply.line('working');
        await never;
        return {accepted: true};
      },
      {limits: {closeMs: 100}},
    );
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await pushing.said('remote: working'); // half an answer
    await to.close();
    expect((await pushing.ended).code).not.toBe(0);
    end();
    expect(await to.head()).toBe('');
  });

  test('comes from the signal, at once', async () => {
    await using app = await pushedApp();
    const work = slow();
    const abort = new AbortController();
    await using to = await receiver(work.accept, {signal: abort.signal});
    const pushing = startGit(app.clone, 'push', to.url, 'main');
    await work.started;
    abort.abort();
    expect((await pushing.ended).code).not.toBe(0);
    await to.close();
    await expect(receiver(yes, {signal: abort.signal})).rejects.toBe(abort.signal.reason);
  });
});
