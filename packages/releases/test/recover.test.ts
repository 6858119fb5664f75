import {existsSync} from 'node:fs';
import {readFile, readdir, readlink, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {openReleases, readReleases, type Releases} from '@keelson/releases';
import {launchBin, packageRoot, testdir} from '@keelson/test-kit';
import {commitOne, deployOne} from './one-release.ts';

const fixture = (name: string) => join(packageRoot(import.meta.url), 'test/fixtures', name);

/** Leaves a root as a process that was killed after `before` leaves it, opens it again, and looks. */
async function reopened(before: (releases: Releases, root: string) => Promise<unknown>) {
  const dir = await testdir();
  const first = await openReleases(dir.path);
  await before(first, dir.path);
  await first[Symbol.asyncDispose]();
  const releases = await openReleases(dir.path);
  const {journal} = await readReleases(dir.path);
  const close = async () => {
    await releases[Symbol.asyncDispose]();
    await dir[Symbol.asyncDispose]();
  };
  const list = await releases.list();
  return {dir, releases, list, journal, current: await releases.current(), [Symbol.asyncDispose]: close};
}

describe('after a deploy that was killed', () => {
  test('half a tree is gone, and its number is not used again', async () => {
    await using root = await reopened(async (releases) => {
      await deployOne(releases);
      await releases.record({what: 'deploy', result: 'deployed', release: 1});
      await releases.stage();
      await releases.stage();
    });
    expect(await readdir(root.dir.at('releases'))).toEqual(['1']);
    expect(root.journal.at(-1)).toMatchObject({what: 'recover', result: 'interrupted', release: 3});
    expect(existsSync(root.dir.at('.keelson/in-progress'))).toBe(false);
    expect((await root.releases.stage()).number).toBe(4);
  });

  test('a rollback is told, also to a release that the journal knows', async () => {
    const before = async (releases: Releases, switched: boolean) => {
      await deployOne(releases);
      await releases.record({what: 'deploy', result: 'deployed', release: 1});
      await deployOne(releases);
      await releases.record({what: 'deploy', result: 'deployed', release: 2});
      const first = await releases.get(1);
      await releases.begin('rollback', first);
      if (switched) await releases.activate(first);
    };
    await using early = await reopened((releases) => before(releases, false));
    const told = {what: 'recover', interrupted: 'rollback', release: 1, digest: 'sha256-1'};
    expect(early.journal.at(-1)).toMatchObject({...told, result: 'interrupted'});
    expect(early.current).toMatchObject({number: 2});
    await using late = await reopened((releases) => before(releases, true));
    expect(late.journal.at(-1)).toMatchObject({...told, result: 'rolled-back'});
    expect(late.current).toMatchObject({number: 1});
  });

  test('facts without a tree are gone', async () => {
    await using root = await reopened(async (releases, path) => {
      await deployOne(releases);
      await rm(join(path, 'releases/1'), {recursive: true});
    });
    expect(await root.dir.list('.keelson/releases')).toEqual([]);
    expect(root.current).toBeUndefined();
    expect(existsSync(root.dir.at('current'))).toBe(false);
  });

  test('a release that was never switched to is bad', async () => {
    await using root = await reopened(async (releases) => {
      await deployOne(releases);
      await commitOne(releases);
    });
    expect(root.list).toMatchObject([
      {number: 1, state: 'good'},
      {number: 2, state: 'bad', because: 'its deploy was interrupted'},
    ]);
    expect(root.current).toMatchObject({number: 1});
  });

  test('a release that was switched to but not proved gives way to the last good one', async () => {
    await using root = await reopened(async (releases) => {
      await deployOne(releases);
      await releases.activate(await commitOne(releases));
    });
    expect(root.current).toMatchObject({number: 1});
    expect(root.list[1]).toMatchObject({number: 2, state: 'bad'});
  });

  test('a first release that was switched to but not proved stays: there is nothing else', async () => {
    await using root = await reopened(async (releases) => releases.activate(await commitOne(releases)));
    expect(root.current).toMatchObject({number: 1, state: 'staged'});
  });

  test('a release that was proved but not recorded was deployed', async () => {
    await using root = await reopened((releases) => deployOne(releases));
    expect(root.current).toMatchObject({number: 1, state: 'good'});
    expect(root.journal.at(-1)).toMatchObject({
      what: 'recover',
      result: 'deployed',
      release: 1,
      digest: 'sha256-1',
    });
  });

  test('a release whose last line is in the journal is not told again', async () => {
    await using root = await reopened(async (releases, path) => {
      await deployOne(releases);
      const progress = await readFile(join(path, '.keelson/in-progress'));
      await releases.record({what: 'deploy', result: 'deployed', release: 1});
      await import('node:fs/promises').then((fs) =>
        fs.writeFile(join(path, '.keelson/in-progress'), progress),
      );
    });
    expect(root.journal).toHaveLength(1);
  });

  test('a current that points to nothing goes to the last good release', async () => {
    await using root = await reopened(async (releases, path) => {
      await deployOne(releases);
      await deployOne(releases);
      await rm(join(path, 'releases/2'), {recursive: true});
    });
    expect(root.current).toMatchObject({number: 1});
    expect(await readlink(root.dir.at('current'))).toBe('releases/1');
  });

  test('what writing left beside its target is gone', async () => {
    await using root = await reopened(async (_releases, path) => {
      const {mkdir, writeFile, symlink} = await import('node:fs/promises');
      await symlink('releases/9', join(path, '.keelson-tmp-link'));
      await writeFile(join(path, 'config/.keelson-tmp-secret'), 'TOKEN=1');
      await mkdir(join(path, '.keelson-tmp-folder'));
      await mkdir(join(path, 'releases/.keelson-tmp-unpacking/lib'), {recursive: true});
    });
    expect(existsSync(root.dir.at('config/.keelson-tmp-secret'))).toBe(false);
    expect(await readdir(root.dir.at('releases'))).toEqual([]);
    expect((await readdir(root.dir.path)).filter((name) => name.startsWith('.keelson-tmp-'))).toEqual([]);
  });
});

test('killed at any moment, the root opens again with a current release that is whole', async () => {
  await using dir = await testdir();
  let highest = 0;
  for (let turn = 0; turn < 12; turn++) {
    await using program = launchBin(fixture('deploy-for-ever.mjs'), [dir.path]);
    await program.line(/^made/);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    program.kill('SIGKILL');
    await program.exited;
    // `current` is whole before anyone repairs anything
    const before = await readReleases(dir.path);
    expect(before.current).toBeDefined();
    for (const name of ['a', 'b', 'c'])
      expect(await readFile(dir.at(`current/lib/${name}`), 'utf8')).toBe(String(before.current?.number));

    await using releases = await openReleases(dir.path, {waitMs: 30_000});
    const list = await releases.list();
    expect((await releases.current())?.state).toBe('good');
    expect(list.filter(({state}) => state === 'staged')).toEqual([]);
    expect((await readdir(dir.at('releases'))).toSorted()).toEqual(
      list.map(({number}) => String(number)).toSorted(),
    );
    expect(existsSync(dir.at('.keelson/in-progress'))).toBe(false);
    expect(list.at(-1)!.number).toBeGreaterThan(highest);
    highest = list.at(-1)!.number;
  }
});
