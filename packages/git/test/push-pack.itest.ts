import {spawn} from 'node:child_process';
import {chmodSync, writeFileSync} from 'node:fs';
import {Readable} from 'node:stream';
import {expect, test} from '@jest/globals';
import {commitTree, initBare, pushPack, type PackedEvent, type SmartExchange} from '@keelson/git';
import {isFault} from '@keelson/step';
import {describeWith, expectFault, git, gitRemote, testdir, type GitRemote} from '@keelson/test-kit';
import fc from 'fast-check';

type Body = AsyncIterable<Uint8Array>;

/** A real `git receive-pack`, spoken to as its smart HTTP wrapper would; `change` may damage what comes back. */
function receivePack(
  remote: GitRemote,
  change: (answer: Buffer) => Buffer = (answer) => answer,
): SmartExchange & {sent(): number} {
  let sent = 0;
  const run = async (args: readonly string[], input: Body | undefined): Promise<Buffer> => {
    const child = spawn('git', ['receive-pack', '--stateless-rpc', ...args, remote.gitDir]);
    child.stdin.on('error', () => {});
    const reading = (async () => Buffer.concat((await child.stdout.toArray()) as Buffer[]))();
    for await (const part of input ?? []) {
      sent += part.length;
      child.stdin.write(part);
    }
    child.stdin.end();
    return await reading;
  };
  return {
    sent: () => sent,
    advertise: async () => {
      const offer = await run(['--advertise-refs'], undefined);
      return Readable.from([Buffer.concat([Buffer.from('001f# service=git-receive-pack\n0000'), offer])]);
    },
    send: async (body) => Readable.from([change(await run([], body))]),
  };
}

async function committed(tree: Record<string, string | Uint8Array> = {'a/b': '1', c: '2'}) {
  const dir = await testdir(
    Object.fromEntries(Object.entries(tree).map(([path, file]) => [`app/${path}`, file])),
  );
  const gitDir = dir.at('own.git');
  await initBare(gitDir);
  const commit = async (branch = 'main') => {
    const packs: PackedEvent[] = [];
    const made = await commitTree(
      dir.at('app'),
      {gitDir, branch, message: 'm'},
      {onEvent: (one) => packs.push(one)},
    );
    return {url: 'http://me:geheim@host/x.git', branch: 'main', revision: made.revision, pack: packs[0]!};
  };
  return Object.assign(dir, {commit});
}

describeWith(['git'], 'pushPack', () => {
  test('makes a branch, moves it from where it is expected, and sends what is new alone', async () => {
    await using remote = await gitRemote();
    const big = Buffer.from(Array.from({length: 200_000}, (_, n) => (n * 7919) % 251));
    await using own = await committed({big, small: '1'});
    const exchange = receivePack(remote);
    const first = await own.commit();
    expect(await pushPack({...first, expected: undefined}, exchange)).toEqual({
      kind: 'pushed',
      revision: first.revision,
      changed: true,
      lines: [],
    });
    await own.write({'app/small': '2'});
    const second = await own.commit();
    const before = exchange.sent();
    await pushPack({...second, expected: first.revision}, exchange);
    expect(exchange.sent() - before).toBeLessThan(1000);
    expect(await remote.git('rev-parse', 'main')).toBe(second.revision);
    expect(await remote.git('fsck', '--strict')).toBe('');
  });

  test('a branch that is elsewhere is stale, before anything is sent', async () => {
    await using remote = await gitRemote();
    await using own = await committed();
    const first = await own.commit();
    const exchange = receivePack(remote);
    await pushPack({...first, expected: undefined}, exchange);
    const before = exchange.sent();
    const fault = await expectFault(pushPack({...first, expected: undefined}, exchange), 'GIT_REJECTED');
    expect(fault).toMatchObject({stale: true, temporary: true});
    expect(fault.message).not.toContain('geheim');
    expect(exchange.sent()).toBe(before);
  });

  test('a refusal carries the words of the remote', async () => {
    await using remote = await gitRemote();
    await using own = await committed();
    writeFileSync(
      `${remote.gitDir}/hooks/pre-receive`,
      '#!/bin/sh\necho "no: Friday" >&2; printf "10%%\\r20%%\\nend"; exit 1\n',
    );
    chmodSync(`${remote.gitDir}/hooks/pre-receive`, 0o755);
    const lines: string[] = [];
    const push = {...(await own.commit()), expected: undefined};
    const fault = await expectFault(
      pushPack(push, receivePack(remote), {onEvent: ({line}) => lines.push(line)}),
      'GIT_REJECTED',
    );
    expect(fault).toMatchObject({
      stale: false,
      lines: ['no: Friday', '20%', 'end'],
      message: expect.stringContaining('pre-receive hook declined'),
    });
    expect(lines).toEqual(['no: Friday', '20%', 'end']);
    expect(await remote.git('for-each-ref')).toBe('');
  });

  test('what is no smart server is left to another way', async () => {
    await using own = await committed();
    const push = {...(await own.commit()), expected: undefined};
    const send = () => {
      throw new TypeError('nothing may be sent');
    };
    const long = `${'0'.repeat(64)} capabilities^{}\0report-status side-band-64k object-format=sha256`;
    for (const offer of [
      undefined,
      '',
      'hello',
      '001e# service=git-upload-pack\n0000',
      `${'0'.repeat(40)}\trefs/heads/main`,
      `001f# service=git-receive-pack\n0000${(long.length + 4).toString(16).padStart(4, '0')}${long}0000`,
    ]) {
      const advertise = async () => (offer === undefined ? undefined : Readable.from([Buffer.from(offer)]));
      expect(await pushPack(push, {advertise, send})).toBeUndefined();
    }
  });

  test('an answer that is cut off or damaged anywhere is a fault, never a success', async () => {
    await using own = await committed();
    const push = {...(await own.commit()), expected: undefined};
    let whole: Buffer | undefined;
    {
      await using remote = await gitRemote();
      await pushPack(
        push,
        receivePack(remote, (answer) => (whole = answer)),
      );
    }
    const offer = await (async () => {
      await using remote = await gitRemote();
      return Buffer.concat(
        (await Readable.from((await receivePack(remote).advertise())!).toArray()) as Buffer[],
      );
    })();
    const answered = (answer: Buffer, offered = offer) =>
      pushPack(push, {
        advertise: async () => Readable.from([offered]),
        send: async () => Readable.from([answer]),
      });
    expect(await answered(whole!)).toMatchObject({kind: 'pushed'});
    // The last flush says nothing more.
    const cut = fc.integer({min: 0, max: whole!.length - 9}).map((at) => whole!.subarray(0, at));
    const noise = fc.uint8Array({maxLength: 60}).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(cut, noise), async (answer) => {
        const outcome = await answered(answer).catch((error: unknown) => error);
        expect(isFault(outcome)).toBe(true);
      }),
      {numRuns: 100},
    );
    await fc.assert(
      fc.asyncProperty(noise, async (offered) => {
        const outcome = await answered(
          whole!,
          Buffer.concat([Buffer.from('001f# service=git-receive-pack\n0000'), offered]),
        ).catch((error: unknown) => error);
        expect(outcome === undefined || isFault(outcome)).toBe(true);
      }),
      {numRuns: 100},
    );
  });

  test('git pushes on top of a partial fetch what another file had before', async () => {
    await using remote = await gitRemote();
    await remote.git('config', 'uploadpack.allowFilter', 'true');
    await using own = await committed({'same/x': 'moved', 'same/y': '1', 'other/z': '2'});
    const {fetchBranch, pushCommit} = await import('@keelson/git');
    const first = await own.commit();
    await pushPack({...first, expected: undefined}, receivePack(remote));
    await using partial = await testdir({
      'app/same/x': 'moved',
      'app/same/y': '1',
      'app/other/z': '2',
      'app/other/copy': 'moved',
    });
    const gitDir = partial.at('own.git');
    await initBare(gitDir);
    await fetchBranch({gitDir, url: remote.url, branch: 'main'});
    const {revision} = await commitTree(partial.at('app'), {gitDir, branch: 'main', message: '2'});
    await pushCommit({gitDir, url: remote.url, branch: 'main', revision, expected: first.revision});
    expect(await git(remote.gitDir, 'cat-file', '-p', 'main:other/copy')).toBe('moved');
    const stale = pushCommit({
      gitDir,
      url: remote.url,
      branch: 'main',
      revision: first.revision,
      expected: first.revision,
    });
    expect(await expectFault(stale, 'GIT_REJECTED')).toMatchObject({stale: true});
  });
});
