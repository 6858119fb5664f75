import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {afterAll, expect, test} from '@jest/globals';
import {extractArchive, readEntries} from '@keelson/archive';
import {buildArchive, openForBuild} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {describeWith} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';
import {otherManager} from './other-manager.ts';

afterAll(removeTemplate);

const berry = otherManager('yarn', '4.18.1');

describeWith([berry.program], "an app of yarn with Plug'n'Play", () => {
  test('brings its zipped packages along, without those of development, and starts elsewhere', async () => {
    const fields = {packageManager: berry.field, type: 'commonjs', scripts: {build: 'dev > built'}};
    await using dir = await appDirectory(
      {
        'app/.yarnrc.yml': 'nodeLinker: pnp\n',
        'app/server.js': "console.log(require('dep'), require.resolve('dep').includes('.zip'));",
      },
      fields,
    );
    rmSync(dir.at('app/package-lock.json'));
    berry.run(dir.at('app'), 'install', '--mode=update-lockfile');
    const build = async (out: string) => {
      await using checkout = await openForBuild(parseSource(dir.at('app')));
      return await buildArchive(checkout, {out: dir.at(out), cache: dir.at('cache')});
    };
    const archive = await build('a.tgz');
    const paths = (await readEntries(archive)).map(({path}) => path);
    expect(paths).toEqual(expect.arrayContaining(['.pnp.cjs', 'built', 'yarn.lock']));
    expect(paths.filter((path) => path.endsWith('.zip'))).toEqual([
      expect.stringMatching(/^\.yarn\/cache\/dep-/),
    ]);
    expect(paths).not.toContain('.yarn/install-state.gz');
    expect((await build('b.tgz')).fileDigest).toBe(archive.fileDigest);
    await extractArchive(archive, dir.at('out'));
    rmSync(dir.at('app'), {recursive: true});
    const start = ['-r', './.pnp.cjs', 'server.js'];
    const options = {cwd: dir.at('out'), encoding: 'utf8'} as const;
    expect(execFileSync('node', start, options)).toBe('1 true\n');
  }, 120_000);
});
