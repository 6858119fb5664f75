import {readdirSync, statSync} from 'node:fs';
import {afterAll, describe, expect, test} from '@jest/globals';
import {bin, launchBin, until} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';

afterAll(removeTemplate);

const program = bin('archive-builder');
const BIG = 'fs.writeFileSync("random.bin", crypto.randomBytes(64 * 1024 * 1024));';
const BUILD = `import crypto from 'node:crypto';\nimport fs from 'node:fs';\n${BIG}`;

describe('a build that is killed without a chance to clean up', () => {
  test.each([
    ['when it has begun', /^building /],
    ['when it has installed', /^installed /],
    ['when it has run the script', /^ran the script /],
    ['when it has pruned', /^removed what only/],
    ['when the first bytes are there', undefined],
    ['when a megabyte is there', 1024 * 1024],
  ] as const)('%s leaves what was under the name before, or nothing', async (_title, moment) => {
    await using dir = await appDirectory({'app/build.js': BUILD, 'out/': '', 'tmp/': ''});
    // What a killed program leaves is to go with the test's own folder.
    const env = {XDG_CACHE_HOME: dir.at('cache'), TMPDIR: dir.at('tmp')};
    const options = {cwd: dir.path, env};
    const kill = async () => {
      await using build = launchBin(program, ['app', '--out', 'out/a.tgz', '--no-cache'], options);
      if (moment instanceof RegExp) await build.line(moment);
      else
        await until(() => written(dir.at('out')) > (moment ?? 0), {
          timeoutMs: 60_000,
          what: 'bytes of the archive',
        });
      build.kill('SIGKILL');
      await build.exited;
    };
    await kill();
    expect(readdirSync(dir.at('out'))).not.toContain('a.tgz');

    await dir.write({'out/a.tgz': 'an older archive'});
    await kill();
    expect(await dir.read('out/a.tgz')).toBe('an older archive');
  });
});

/** Bytes in the folders that a build makes beside its archive. */
function written(folder: string): number {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) =>
    name.endsWith('/a.tgz'),
  );
  const sizes = names.map((name) => statSync(`${folder}/${name}`, {throwIfNoEntry: false})?.size ?? 0);
  return Math.max(0, ...sizes);
}
