import {chmodSync, readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {expect, test} from '@jest/globals';
import {clone, commitTree, fetchBranch, fetchCommit, initBare, pushCommit} from '@keelson/git';
import type {GitFault} from '@keelson/git';
import {
  describeWith,
  expectFault,
  faultOf,
  freePort,
  git,
  gitRemote,
  testdir,
  type TestDirectory,
} from '@keelson/test-kit';

async function committed(): Promise<TestDirectory & {gitDir: string; revision: string; tree: string}> {
  const dir = await testdir({'app/a': '1', 'app/b/c': '2'});
  await initBare(dir.at('own.git'));
  const commit = await commitTree(dir.at('app'), {gitDir: dir.at('own.git'), branch: 'main', message: 'm'});
  return Object.assign(dir, {gitDir: dir.at('own.git'), ...commit});
}

function hook(gitDir: string, script: string): void {
  writeFileSync(`${gitDir}/hooks/pre-receive`, `#!/bin/sh\n${script}\n`);
  chmodSync(`${gitDir}/hooks/pre-receive`, 0o755);
}

async function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{url: string; host: string} & AsyncDisposable> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/x.git`,
    host,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What `ps` shows to everybody on the machine. */
function commandLines(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

describeWith(['git'], 'pushCommit', () => {
  test('moves the remote branch, and says when it was there already', async () => {
    await using own = await committed();
    await using remote = await gitRemote();
    const commit = {gitDir: own.gitDir, revision: own.revision, url: remote.url, branch: 'main'};
    expect(await pushCommit(commit)).toEqual({
      kind: 'pushed',
      revision: own.revision,
      changed: true,
      lines: [],
    });
    expect(await remote.git('rev-parse', 'main')).toBe(own.revision);
    expect(await pushCommit(commit)).toMatchObject({changed: false});
    await pushCommit({...commit, url: remote.gitDir, branch: 'feature/x'});
    expect(await remote.git('rev-parse', 'feature/x')).toBe(own.revision);
  });

  test('tells the lines of the remote as they come, not at the end', async () => {
    await using own = await committed();
    await using remote = await gitRemote();
    // The hook goes on only after its first line was seen here.
    hook(
      remote.gitDir,
      `echo first; while [ ! -e ${own.at('seen')} ]; do sleep 0.05; done; printf 'a\\rb\\n\\nlast'`,
    );
    const lines: string[] = [];
    const pushed = await pushCommit(
      {gitDir: own.gitDir, revision: own.revision, url: remote.url, branch: 'main'},
      {
        onEvent: ({line}) => {
          lines.push(line);
          writeFileSync(own.at('seen'), '');
        },
      },
    );
    expect(lines).toEqual(['first', 'b', '', 'last']);
    expect(pushed.lines).toEqual(lines);
  });

  test('a refusal carries the reasons of the remote', async () => {
    await using own = await committed();
    await using remote = await gitRemote();
    hook(remote.gitDir, 'echo "no: Friday" >&2; echo "fatal: Authentication failed"; exit 1');
    const fault = await expectFault(
      pushCommit({gitDir: own.gitDir, revision: own.revision, url: remote.url, branch: 'main'}),
      'GIT_REJECTED',
    );
    expect(fault).toMatchObject({
      stale: false,
      temporary: false,
      lines: ['no: Friday', 'fatal: Authentication failed'],
      message: expect.stringContaining('pre-receive hook declined'),
    });
    expect(await remote.git('for-each-ref')).toBe('');
  });

  test('a branch that somebody else moved is stale, and never overwritten', async () => {
    await using own = await committed();
    await using other = await committed();
    await using remote = await gitRemote();
    await other.write({'app/a': 'other'});
    const {revision} = await commitTree(other.at('app'), {
      gitDir: other.gitDir,
      branch: 'main',
      message: 'other',
    });
    await pushCommit({gitDir: other.gitDir, revision, url: remote.url, branch: 'main'});
    const fault = (await expectFault(
      pushCommit({gitDir: own.gitDir, revision: own.revision, url: remote.url, branch: 'main'}),
      'GIT_REJECTED',
    )) as GitFault;
    expect(fault).toMatchObject({stale: true, temporary: true});
    expect(await remote.git('rev-parse', 'main')).toBe(revision);
  });

  test("does not run the user's hooks, nor sign", async () => {
    await using own = await committed();
    await using remote = await gitRemote();
    await own.write({
      'hooks/pre-push': {mode: 0o755, content: '#!/bin/sh\nexit 1\n'},
      'home/.gitconfig': `[core]\nhooksPath = ${own.at('hooks')}\n[push]\ngpgSign = true\nfollowTags = true\n`,
    });
    const home = process.env['HOME'];
    process.env['HOME'] = own.at('home');
    try {
      await pushCommit({gitDir: own.gitDir, revision: own.revision, url: remote.url, branch: 'main'});
    } finally {
      process.env['HOME'] = home;
    }
    expect(await remote.git('rev-parse', 'main')).toBe(own.revision);
  });

  test('nobody listening is temporary', async () => {
    await using own = await committed();
    const url = `http://me:geheim123@127.0.0.1:${await freePort()}/x.git`;
    const fault = await expectFault(
      pushCommit({gitDir: own.gitDir, revision: own.revision, url, branch: 'main'}),
      'GIT_UNREACHABLE',
    );
    expect(fault.temporary).toBe(true);
    expect(fault.message).toContain('http://127.0.0.1:');
    expect(JSON.stringify([fault.message, fault.stack, fault.hint, String(fault.cause)])).not.toContain(
      'geheim123',
    );
  });

  test.each([
    [401, 'GIT_AUTH', false],
    [403, 'GIT_AUTH', false],
    [404, 'GIT_NOT_FOUND', false],
    [413, 'GIT_TOO_LARGE', false],
    [503, 'GIT_UNREACHABLE', true],
  ])('HTTP %i is %s', async (status, code, temporary) => {
    await using own = await committed();
    await using server = await httpServer((_, response) => {
      response.writeHead(status, {'WWW-Authenticate': 'Basic realm="x"'}).end();
    });
    const commit = {gitDir: own.gitDir, revision: own.revision, url: server.url, branch: 'main'};
    expect(await faultOf(pushCommit(commit))).toMatchObject({code, temporary});
  });

  test('a folder that is no repository is not found', async () => {
    await using own = await committed();
    const commit = {gitDir: own.gitDir, revision: own.revision, url: own.at('app'), branch: 'main'};
    expect(await faultOf(pushCommit(commit))).toMatchObject({code: 'GIT_NOT_FOUND'});
  });

  test("a repository of another user is refused with git's reason and what to do, and not tried again", async () => {
    await using own = await committed();
    const words = [
      "fatal: detected dubious ownership in repository at '/srv/x.git'",
      'To add an exception for this directory, call:',
      '',
      '\tgit config --global --add safe.directory /srv/x.git',
    ];
    await own.write({
      ssh: {mode: 0o755, content: `#!/bin/sh\ncat >&2 <<'END'\n${words.join('\n')}\nEND\nexit 128\n`},
    });
    process.env['GIT_SSH_COMMAND'] = own.at('ssh');
    try {
      const commit = {gitDir: own.gitDir, revision: own.revision, url: 'host:x.git', branch: 'main'};
      const fault = await expectFault(pushCommit(commit), 'GIT_FAILED');
      expect(fault.message).toBe(
        "cannot push main to host:x.git: detected dubious ownership in repository at '/srv/x.git'",
      );
      expect(fault).toMatchObject({temporary: false, hint: expect.stringContaining('safe.directory')});
    } finally {
      delete process.env['GIT_SSH_COMMAND'];
    }
  });

  test('an address that looks like an option is an address', async () => {
    await using own = await committed();
    const commit = {gitDir: own.gitDir, revision: own.revision, url: '--upload-pack=touch x', branch: 'main'};
    expect(await faultOf(pushCommit(commit))).toMatchObject({code: 'GIT_FAILED'});
  });

  test.each([
    ['in the URL', 'http://user:s%40crethaft@HOST/x.git', undefined, 'user:s@crethaft'],
    ['as a lone token in the URL', 'http://tokenhaft@HOST/x.git', undefined, 'keelson:tokenhaft'],
    ['beside the URL', 'http://a:b@HOST/x.git', {password: 'tokenhaft'}, 'keelson:tokenhaft'],
  ])(
    'credentials %s are sent, and shown neither in argv nor in messages',
    async (_, url, credentials, sent) => {
      await using own = await committed();
      const seen: (string | undefined)[] = [];
      let shown = '';
      await using server = await httpServer((request, response) => {
        seen.push(request.headers.authorization);
        shown += commandLines();
        response.writeHead(401, {'WWW-Authenticate': 'Basic realm="x"'}).end();
      });
      const fault = await expectFault(
        pushCommit({
          gitDir: own.gitDir,
          revision: own.revision,
          url: url.replace('HOST', server.host),
          branch: 'main',
          credentials,
        }),
        'GIT_AUTH',
      );
      expect(seen[0]).toBe(`Basic ${Buffer.from(sent).toString('base64')}`);
      expect(shown).toContain(server.url);
      const all = JSON.stringify([fault.message, fault.stack, fault.hint, String(fault.cause)]) + shown;
      expect(all).not.toMatch(/haft@|crethaft|tokenhaft/);
      expect(all).not.toContain(Buffer.from(sent).toString('base64'));
    },
  );

  test('credentials do not follow a redirect', async () => {
    await using own = await committed();
    const elsewhere: IncomingMessage[] = [];
    await using evil = await httpServer((request, response) => {
      elsewhere.push(request);
      response.writeHead(404).end();
    });
    await using server = await httpServer((request, response) => {
      response.writeHead(302, {location: `http://${evil.host}${request.url}`}).end();
    });
    const commit = {gitDir: own.gitDir, revision: own.revision, url: server.url, branch: 'main'};
    expect(await faultOf(pushCommit({...commit, credentials: {password: 'x'}}))).toMatchObject({
      code: 'GIT_NOT_FOUND',
    });
    expect(elsewhere).toEqual([]);
  });

  test('aborting stops a push that hangs', async () => {
    await using own = await committed();
    const abort = new AbortController();
    const reason = new RangeError('enough');
    await using server = await httpServer(() => abort.abort(reason)); // never answers
    await expect(
      pushCommit(
        {gitDir: own.gitDir, revision: own.revision, url: server.url, branch: 'main'},
        {signal: abort.signal},
      ),
    ).rejects.toBe(reason);
  });
});

describeWith(['git'], 'fetchBranch', () => {
  test('brings the head without history and contents, enough to commit and push on top', async () => {
    await using remote = await gitRemote();
    await remote.git('config', 'uploadpack.allowFilter', 'true');
    await using first = await committed();
    await first.write({'app/big': 'x'.repeat(100_000), 'app/a': '2'});
    const big = await commitTree(first.at('app'), {gitDir: first.gitDir, branch: 'main', message: '2'});
    await pushCommit({gitDir: first.gitDir, revision: big.revision, url: remote.url, branch: 'main'});

    await using second = await testdir({'app/big': 'x'.repeat(100_000), 'app/a': '3', 'app/b/c': '2'});
    await initBare(second.at('own.git'));
    const gitDir = second.at('own.git');
    const head = await fetchBranch({gitDir, url: remote.url, branch: 'main'});
    expect(head).toEqual({revision: big.revision, tree: big.tree});
    expect(await git(gitDir, 'cat-file', '--batch-check', '--batch-all-objects')).not.toContain('blob');
    expect(await git(gitDir, 'rev-list', '--count', 'main')).toBe('1');

    const {revision} = await commitTree(second.at('app'), {gitDir, branch: 'main', message: '3'});
    await pushCommit({gitDir, revision, url: remote.url, branch: 'main'});
    expect(await remote.git('log', '--format=%s', 'main')).toBe('3\n2\nm');
    expect(await remote.git('fsck', '--strict')).toBe('');
  });

  test('a missing branch is undefined, also in an empty repository', async () => {
    await using remote = await gitRemote();
    await using own = await committed();
    expect(await fetchBranch({gitDir: own.gitDir, url: remote.url, branch: 'x'})).toBeUndefined();
    await pushCommit({gitDir: own.gitDir, revision: own.revision, url: remote.url, branch: 'main'});
    expect(await fetchBranch({gitDir: own.gitDir, url: remote.url, branch: 'x'})).toBeUndefined();
  });

  test('a missing repository is a fault', async () => {
    await using own = await committed();
    await expect(
      faultOf(fetchBranch({gitDir: own.gitDir, url: own.at('no.git'), branch: 'x'})),
    ).resolves.toMatchObject({code: 'GIT_NOT_FOUND'});
  });
});

describeWith(['git'], 'fetchCommit', () => {
  test('brings the files of a branch, a tag or a hash, and what is new alone the next time', async () => {
    await using remote = await gitRemote();
    await using own = await committed();
    const {gitDir, revision, tree} = own;
    await pushCommit({gitDir, revision, url: remote.url, branch: 'main'});
    await git(remote.gitDir, 'tag', '--annotate', '--message', 'one', 'v1', 'main');
    await initBare(own.at('copy.git'));
    const from = {gitDir: own.at('copy.git'), branch: 'kept', url: `file://${remote.gitDir}`};
    for (const ref of ['main', 'v1', 'refs/heads/main', revision])
      expect(await fetchCommit({...from, ref})).toEqual({revision, tree});
    expect(await git(from.gitDir, 'show', 'kept:b/c')).toBe('2');

    await own.write({'app/a': 'new'});
    const next = await commitTree(own.at('app'), {gitDir, branch: 'main', message: 'n'});
    await pushCommit({gitDir, revision: next.revision, url: remote.url, branch: 'main'});
    const objects = () =>
      git(from.gitDir, 'count-objects', '-v').then(
        (text) => Number(/in-pack: (\d+)/.exec(text)?.[1] ?? 0) + Number(/^count: (\d+)/.exec(text)![1]),
      );
    const before = await objects();
    expect((await fetchCommit({...from, ref: 'main'})).revision).toBe(next.revision);
    expect((await objects()) - before).toBe(3); // the commit, its tree, a file
    await expectFault(fetchCommit({...from, ref: 'nothing'}), 'GIT_NOT_FOUND');
    await expectFault(fetchCommit({...from, ref: 'kept', url: own.at('nowhere')}), 'GIT_NOT_FOUND');
  });
});

describeWith(['git'], 'clone', () => {
  async function upstream() {
    const dir = await testdir({'src/a': '1', 'src/.gitattributes': '* text=auto\n', 'src/link': {link: 'a'}});
    const at = dir.at('src');
    await git(at, 'init', '--quiet', '--initial-branch=main');
    await git(at, 'add', '--all');
    await git(at, 'commit', '--quiet', '-m', 'one');
    await git(at, 'tag', '-a', 'v1', '-m', 'v1');
    await dir.write({'src/a': '2'});
    await git(at, 'commit', '--quiet', '-am', 'two');
    return Object.assign(dir, {url: `file://${at}`, src: at});
  }

  test.each([
    ['HEAD', undefined, '2'],
    ['a branch', 'main', '2'],
    ['an annotated tag', 'v1', '1'],
  ])('takes %s, without history', async (_, ref, content) => {
    await using dir = await upstream();
    const made = await clone(dir.url, dir.at('out'), {ref});
    expect(await dir.read('out/a')).toBe(content);
    expect(made).toEqual({kind: 'clone', revision: await git(dir.src, 'rev-parse', `${ref ?? 'HEAD'}^{}`)});
    expect(await git(dir.at('out'), 'rev-list', '--count', 'HEAD')).toBe('1');
    expect(await git(dir.at('out'), 'config', 'remote.origin.url')).toBe(dir.url);
  });

  test('takes a full commit hash, and the whole history when asked', async () => {
    await using dir = await upstream();
    const ref = await git(dir.src, 'rev-parse', 'v1^{}');
    expect(await clone(dir.url, dir.at('out'), {ref})).toEqual({kind: 'clone', revision: ref});
    await clone(dir.url, dir.at('all'), {depth: 0});
    expect(await git(dir.at('all'), 'rev-list', '--count', 'HEAD')).toBe('2');
  });

  test("obeys neither the user's templates and hooks nor autocrlf", async () => {
    await using dir = await upstream();
    await dir.write({
      'hooks/post-checkout': {mode: 0o755, content: `#!/bin/sh\ntouch ${dir.at('ran')}\n`},
      'home/.gitconfig': `[core]\nhooksPath = ${dir.at('hooks')}\nautocrlf = true\neol = crlf\nsymlinks = false\n[init]\ntemplateDir = ${dir.at('hooks')}\n`,
    });
    const home = process.env['HOME'];
    process.env['HOME'] = dir.at('home');
    try {
      await clone(dir.url, dir.at('out'));
    } finally {
      process.env['HOME'] = home;
    }
    expect(await dir.list('.')).not.toContain('ran');
    expect(await dir.read('out/.gitattributes')).toBe('* text=auto\n');
    expect(readlinkSync(dir.at('out/link'))).toBe('a');
  });

  test('a missing ref or repository leaves nothing', async () => {
    await using dir = await upstream();
    await expectFault(clone(dir.url, dir.at('out'), {ref: 'nope'}), 'GIT_NOT_FOUND');
    await expectFault(clone(`${dir.url}x`, dir.at('out')), 'GIT_NOT_FOUND');
    await expectFault(clone(dir.url, dir.src), 'GIT_FAILED');
    expect((await dir.list('.')).filter((path) => path.startsWith('out/'))).toEqual([]);
    expect(await dir.read('src/a')).toBe('2');
  });
});
