import {readdirSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {collectGarbage, initBare, isAncestor, readRevision} from '@keelson/git';
import {describeWith, git, testdir} from '@keelson/test-kit';

async function repositories(commits: number) {
  const dir = await testdir({'work/a': ''});
  const work = (...args: string[]) => git(dir.at('work'), ...args);
  await initBare(dir.at('bare.git'));
  await work('init', '--quiet', '--initial-branch=main');
  const revisions: string[] = [];
  for (let count = 0; count < commits; count++) {
    await dir.write({'work/a': `${count}`});
    await work('add', 'a');
    await work('commit', '--quiet', '--message', `${count}`);
    // A pack for each push, as the receiver keeps them.
    await work(
      'push',
      '--quiet',
      `--receive-pack=git -c receive.unpackLimit=1 receive-pack`,
      dir.at('bare.git'),
      'main',
    );
    revisions.push(await work('rev-parse', 'HEAD'));
  }
  const packs = () =>
    readdirSync(dir.at('bare.git/objects/pack')).filter((name) => name.endsWith('.pack')).length;
  return Object.assign(dir, {gitDir: dir.at('bare.git'), revisions, packs});
}

describeWith(['git'], 'collectGarbage', () => {
  test('makes one pack of many, and leaves a few alone', async () => {
    await using dir = await repositories(4);
    expect(dir.packs()).toBe(4);
    expect(await collectGarbage(dir.gitDir)).toBe(false);
    expect(dir.packs()).toBe(4);
    expect(await readRevision(dir.gitDir, 'main')).toBe(dir.revisions.at(-1));
    expect(await collectGarbage(dir.gitDir, {packs: 4})).toBe(true);
    expect(await readRevision(dir.gitDir, 'main')).toBe(dir.revisions.at(-1)); // of packed-refs now
    for (const other of ['mai', 'main/x', 'x']) expect(await readRevision(dir.gitDir, other)).toBeUndefined();
    expect(dir.packs()).toBe(1);
    expect(await git(dir.gitDir, 'fsck', '--strict')).toBe('');
    expect(await git(dir.gitDir, 'rev-parse', 'main')).toBe(dir.revisions.at(-1));
  });
});

describeWith(['git'], 'isAncestor', () => {
  test('is true for what comes before, and for itself', async () => {
    await using dir = await repositories(2);
    const [first = '', second = ''] = dir.revisions;
    const ask = (revision: string, ancestor: string) => isAncestor({gitDir: dir.gitDir, revision}, ancestor);
    expect(await ask(second, first)).toBe(true);
    expect(await ask(first, first)).toBe(true);
    expect(await ask(first, second)).toBe(false);
    expect(await ask(first, '1'.repeat(40))).toBe(false);
  });
});
