import {execFileSync} from 'node:child_process';
import {chmodSync, readdirSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {expect, test} from '@jest/globals';
import {extractArchive, openArchive, verifyTree} from '@keelson/archive';
import {openPublishable, publish, type GitDestination, type PublishEvent} from '@keelson/publisher';
import {describeWith, expectFault, freePort, git, gitRemote, type GitRemote} from '@keelson/test-kit';
import {builtArchive} from './built-archive.ts';

const at = (remote: GitRemote, branch = 'main'): GitDestination => ({kind: 'git', url: remote.url, branch});

/** What somebody else's push does. Synchronous: it happens between the commit that an event tells of and the push. */
function overtake(remote: GitRemote, message: string): void {
  const run = (...args: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      GIT_AUTHOR_NAME: 'x',
      GIT_AUTHOR_EMAIL: 'x',
      GIT_COMMITTER_NAME: 'x',
      GIT_COMMITTER_EMAIL: 'x',
    };
    return execFileSync('git', ['--git-dir', remote.gitDir, ...args], {env, input: ''})
      .toString()
      .trim();
  };
  const head = run('for-each-ref', '--format=%(objectname)', 'refs/heads/main');
  const commit = run('commit-tree', '-m', message, ...(head === '' ? [] : ['-p', head]), run('mktree'));
  run('update-ref', 'refs/heads/main', commit);
}

function hook(remote: GitRemote, script: string): void {
  writeFileSync(`${remote.gitDir}/hooks/pre-receive`, `#!/bin/sh\n${script}\n`);
  chmodSync(`${remote.gitDir}/hooks/pre-receive`, 0o755);
}

describeWith(['git'], 'publish to git', () => {
  test('commits the tree, each time on top of the last; the digest stays', async () => {
    await using remote = await gitRemote();
    await using one = await builtArchive({
      '.gitattributes': '* text=auto',
      crlf: 'a\r\n',
      'x/l': {link: '../crlf'},
    });
    await using two = await builtArchive({crlf: 'b\r\n'}, '2.0.0');
    const events: PublishEvent[] = [];
    const first = await publish(one.archive, at(remote), {onEvent: (event) => events.push(event)});
    expect(first).toEqual({
      kind: 'publication',
      to: at(remote),
      digest: one.archive.digest,
      revision: await remote.git('rev-parse', 'main'),
      result: 'published',
      lines: [],
    });
    expect(events).toEqual([{type: 'publisher:committed', revision: first.revision}]);
    await git(one.path, 'clone', '--quiet', '--config', 'core.autocrlf=false', remote.url, 'clone');
    expect(await openArchive(one.at('clone'))).toMatchObject({digest: one.archive.digest});

    const second = await publish(two.archive, at(remote));
    expect(await remote.git('log', '--format=%H %an <%ae> %s', 'main')).toBe(
      `${second.revision} Keelson <keelson@localhost> web 2.0.0\n${first.revision} Keelson <keelson@localhost> web 1.0.0`,
    );
    expect(await remote.git('log', '-1', '--format=%b', 'main')).toContain(`Archive: ${two.archive.digest}`);
    expect(await remote.git('fsck', '--strict')).toBe('');
  });

  test('the same tree again is already published, and nothing is pushed', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    const {revision} = await publish(dir.archive, at(remote, 'live'));
    hook(remote, 'echo pushed; exit 1');
    expect(await publish(dir.archive, at(remote, 'live'))).toMatchObject({
      result: 'already-published',
      revision,
      lines: [],
    });
    expect(await publish(dir.archive, at(remote, 'next'))).toMatchObject({
      result: 'refused',
      lines: ['pushed'],
    });
  });

  test('a folder archive goes out as it is', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    await extractArchive(dir.archive, dir.at('out'));
    await publish(await openArchive(dir.at('out')), at(remote));
    expect(await publish(dir.archive, at(remote))).toMatchObject({result: 'already-published'});
    expect((await verifyTree(dir.at('out'))).problems).toEqual([]);
  });

  test('the same date gives the same revision', async () => {
    await using remote = await gitRemote();
    await using other = await gitRemote();
    await using dir = await builtArchive();
    const date = new Date('2024-05-06T07:08:09Z');
    const [one, two] = [
      await publish(dir.archive, at(remote), {date}),
      await publish(dir.archive, at(other), {date}),
    ];
    expect(one.revision).toBe(two.revision);
  });

  test('a refusal is a result, with what the remote said while it said it', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    hook(remote, 'echo "no room" >&2; exit 1');
    const lines: string[] = [];
    const onEvent = (event: PublishEvent) =>
      void (event.type === 'publisher:remote' && lines.push(event.line));
    expect(await publish(dir.archive, at(remote), {onEvent})).toMatchObject({
      result: 'refused',
      lines: ['no room'],
    });
    expect(lines).toEqual(['no room']);
    expect(await remote.git('for-each-ref')).toBe('');
  });

  test('a refusal by git itself says why', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    await publish(dir.archive, at(remote));
    await remote.git('config', 'core.bare', 'false');
    await using two = await builtArchive({a: '2'});
    const {result, lines} = await publish(two.archive, at(remote));
    expect(result).toBe('refused');
    expect(lines.join('\n')).toContain('refusing to update checked out branch');
    // Not a matter of time, though git words it as if somebody else had been faster.
    const below = await publish(two.archive, at(remote, 'main/below'));
    expect(below).toMatchObject({
      result: 'refused',
      lines: [expect.stringContaining("'refs/heads/main' exists")],
    });
  });

  test('a repository with SHA-256 hashes: empty, with another branch, on top of the last, and as source', async () => {
    await using dir = await builtArchive();
    await using two = await builtArchive({a: '2'});
    await git(dir.path, 'init', '--quiet', '--bare', '--object-format=sha256', 'long.git');
    const to = (branch: string): GitDestination => ({kind: 'git', url: dir.at('long.git'), branch});
    const first = await publish(dir.archive, to('main'));
    expect(first).toMatchObject({result: 'published', revision: expect.stringMatching(/^[0-9a-f]{64}$/)});
    expect(await publish(dir.archive, to('other'))).toMatchObject({result: 'published'});
    const second = await publish(two.archive, to('main'));
    expect(await git(dir.at('long.git'), 'rev-parse', 'main^')).toBe(first.revision);
    for (const {revision, digest} of [first, second]) {
      await using opened = await openPublishable(`${dir.at('long.git')}#${revision}`);
      expect(opened.what.digest).toBe(digest);
    }
  });

  test('overtaken once, it goes on top of the other', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    let times = 0;
    const onEvent = () => void (times++ === 0 && overtake(remote, 'other'));
    expect(await publish(dir.archive, at(remote), {onEvent})).toMatchObject({result: 'published'});
    expect(await remote.git('log', '--format=%s', 'main')).toBe('web 1.0.0\nother');
  });

  test('overtaken twice, it gives up for now', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    let times = 0;
    const onEvent = () => overtake(remote, `other ${times++}`);
    const fault = await expectFault(publish(dir.archive, at(remote), {onEvent}), 'GIT_REJECTED');
    expect(fault).toMatchObject({temporary: true, stale: true});
    expect(times).toBe(2);
  });

  test('overtaken by the same tree, it is already published', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    await publish(dir.archive, at(remote, 'theirs'));
    const theirs = await remote.git('rev-parse', 'theirs');
    const onEvent = () =>
      void execFileSync('git', ['--git-dir', remote.gitDir, 'update-ref', 'refs/heads/main', theirs]);
    const date = new Date(0);
    expect(await publish(dir.archive, at(remote), {onEvent, date})).toMatchObject({
      result: 'already-published',
      revision: theirs,
    });
  });

  test.each([
    [
      'nobody listens',
      async () => `http://me:geheim@127.0.0.1:${await freePort()}/web.git`,
      'GIT_UNREACHABLE',
    ],
    ['there is no repository', async () => '/nowhere/web.git', 'GIT_NOT_FOUND'],
  ])('where %s it is a fault, without the password', async (_, url, code) => {
    await using dir = await builtArchive();
    const fault = await expectFault(
      publish(dir.archive, {kind: 'git', url: await url(), branch: 'main'}),
      code,
    );
    expect(`${fault.message} ${fault.stack} ${String(fault.cause)}`).not.toContain('geheim');
  });

  test('aborting rejects with the reason and leaves no temporary folder', async () => {
    await using remote = await gitRemote();
    await using dir = await builtArchive();
    const mine = () => readdirSync(tmpdir()).filter((name) => name.startsWith('keelson-publish-'));
    const before = mine();
    const abort = new AbortController();
    const reason = new RangeError('enough');
    await expect(
      publish(dir.archive, at(remote), {signal: abort.signal, onEvent: () => abort.abort(reason)}),
    ).rejects.toBe(reason);
    expect(mine()).toEqual(before);
    expect(await remote.git('for-each-ref')).toBe('');
  });
});
