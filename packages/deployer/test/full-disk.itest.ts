import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {run} from '@keelson/spawn';
import {describeWith, packageRoot, testdir} from '@keelson/test-kit';
import {appArchive} from './app-archive.ts';

const program = join(packageRoot(import.meta.url), 'test/fixtures/deploy-on-full-disk.mjs');
const isRoot = process.getuid?.() === 0;
const describeAsRoot: typeof describeWith = isRoot ? describeWith : () => {};

interface Told {
  readonly first: object;
  readonly second: {readonly result?: string; readonly fault?: string; readonly message?: string};
  readonly [more: string]: unknown;
}

/** Runs the fixture in a mount namespace of its own, with 3 MiB of tmpfs. */
async function onFullDisk(at: string): Promise<Told> {
  await using dir = await testdir({'mount/': ''});
  const files = {'big.bin': 'x'.repeat(300_000)};
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await appArchive(dir.path, version, {files});
  const line = 'mount -t tmpfs -o size=3m,mode=755 tmpfs "$1" && exec "$2" "$3" "$1" "$4" "$5"';
  const args = ['sh', dir.at('mount'), process.execPath, program, dir.path, at];
  const {stdout} = await run({
    command: 'unshare',
    args: ['--mount', '--propagation', 'private', 'sh', '-c', line, ...args],
  });
  return JSON.parse(stdout) as Told;
}

describeAsRoot(['unshare', 'mount'], 'a disk that gets full', () => {
  test.each(['deploy:staged', 'deploy:prepared', 'deploy:linked', 'deploy:committed'])(
    'at %s: the old version serves on, and the next deploy succeeds',
    async (at) => {
      const told = await onFullDisk(at);
      expect(told).toMatchObject({
        first: {result: 'deployed'},
        second: {message: expect.stringContaining('ENOSPC')},
        serving: [1],
        current: '1.0.0',
        content: '// 1.0.0',
        third: {result: 'deployed'},
        left: [],
      });
      expect(told['releases']).toEqual(expect.arrayContaining(['1.0.0 good', '3.0.0 good']));
    },
  );

  test('at the journal: what serves is called deployed, and the line is written by the next one', async () => {
    expect(await onFullDisk('deploy:pruned')).toMatchObject({
      second: {result: 'deployed'},
      told: ['the line in the journal'],
      serving: [2],
      current: '2.0.0',
      third: {result: 'deployed'},
      releases: ['1.0.0 good', '2.0.0 good', '3.0.0 good'],
      journal: ['deploy 1 deployed', 'recover 2 deployed', 'deploy 3 deployed'],
    });
  });

  test('beforehand: nothing is begun', async () => {
    expect(await onFullDisk('deploy:locked')).toMatchObject({
      second: {fault: 'RELEASE_NO_SPACE', message: expect.stringContaining('are free')},
      serving: [1],
      third: {result: 'deployed'},
    });
  });
});
