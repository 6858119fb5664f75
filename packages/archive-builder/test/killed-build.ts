import {readdirSync, statSync} from 'node:fs';
import {expect} from '@jest/globals';
import {bin, launchBin, until} from '@keelson/test-kit';
import {appDirectory} from './app.ts';

const program = bin('archive-builder');
const BIG = 'fs.writeFileSync("random.bin", crypto.randomBytes(64 * 1024 * 1024));';
const BUILD = `import crypto from 'node:crypto';\nimport fs from 'node:fs';\n${BIG}`;

/** Kills builds at a line that they print, or when so many bytes of the archive are there. */
export async function expectNothingHalf(moment: RegExp | number): Promise<void> {
  await using dir = await appDirectory({'app/build.js': BUILD, 'out/': '', 'tmp/': ''});
  // What a killed program leaves is to go with the test's own folder.
  const env = {XDG_CACHE_HOME: dir.at('cache'), TMPDIR: dir.at('tmp')};
  const options = {cwd: dir.path, env};
  const kill = async () => {
    await using build = launchBin(program, ['app', '--out', 'out/a.tgz', '--no-cache'], options);
    if (moment instanceof RegExp) await build.line(moment);
    else
      await until(() => written(dir.at('out')) > moment, {
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
}

/** Bytes in the folders that a build makes beside its archive. */
function written(folder: string): number {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) =>
    name.endsWith('/a.tgz'),
  );
  const sizes = names.map((name) => statSync(`${folder}/${name}`, {throwIfNoEntry: false})?.size ?? 0);
  return Math.max(0, ...sizes);
}
