import {afterAll, expect, test} from '@jest/globals';
import {extractArchive, openArchive} from '@keelson/archive';
import {bin, runBin} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';

afterAll(removeTemplate);

const program = bin('archive-builder');

// Another environment on the same files: none of our variables is in it, and it begins in another folder, as chroot and containers do.
const BOX = `
import {spawnSync} from 'node:child_process';
import {appendFileSync} from 'node:fs';
const [log, ...command] = process.argv.slice(2);
appendFileSync(log, command.join(' ') + '\\n');
const env = {PATH: process.env.PATH, HOME: process.env.HOME, INSIDE: 'the box'};
const {status} = spawnSync(command[0], command.slice(1), {cwd: '/', env, stdio: 'inherit'});
process.exitCode = status ?? 1;
`;

test('--in runs install, install scripts and build scripts in another environment, with the settings they need', async () => {
  const build = `node -e "fs.writeFileSync('where', process.env.INSIDE + process.env.NODE_ENV + process.env.OUTSIDE)"`;
  await using dir = await appDirectory({'box dir/box.mjs': BOX}, {scripts: {build}});
  const within = `${process.execPath} '${dir.at('box dir/box.mjs')}' ${dir.at('log')}`;
  const env = {XDG_CACHE_HOME: dir.at('cache'), OUTSIDE: 'leaked'};
  const args = ['app', '-o', 'a.tgz', '--in', within];
  const {code, stderr} = await runBin(program, args, {cwd: dir.path, env});
  expect({code, stderr}).toMatchObject({code: 0});
  const archive = await openArchive(dir.at('a.tgz'));
  await extractArchive(archive, dir.at('out'));
  expect(await dir.read('out/where')).toBe(`the box${process.env['NODE_ENV'] ?? 'production'}undefined`);
  const ran = (await dir.read('log'))
    .split('\n')
    .flatMap((line) => /\bnpm (ci|prune|run build)\b/.exec(line)?.[1] ?? []);
  expect(ran).toEqual(['ci', 'run build', 'prune']);
  // The same lockfile, but not the same place: what was installed there is not taken for here.
  const here = await runBin(program, ['app', '-o', 'b.tgz'], {cwd: dir.path, env});
  expect(here.stderr).not.toMatch(/from the cache/);
}, 120_000);

test.each([
  [
    'an environment that cannot be entered',
    'false',
    /false cannot run Node where the build takes place: it ended with 1$/m,
    1,
  ],
  [
    'an environment without the folder',
    `sh -c 'shift 4; sh -c "cd /no/such/folder"'`,
    /cannot run Node where the build takes place: there is no \/.*keelson-source-/,
    1,
  ],
  ['a program that is not there', 'no-such-program x', /no-such-program x cannot run Node where/, 1],
  ['a quote that is not closed', "sh -c 'x", /no command with its quotes closed/, 2],
])('--in with %s says so', async (_title, within, message, status) => {
  await using dir = await appDirectory();
  const {code, stderr} = await runBin(program, ['app', '-o', 'a.tgz', '--in', within], {cwd: dir.path});
  expect({code, stderr}).toEqual({code: status, stderr: expect.stringMatching(message)});
  expect(await dir.list()).not.toContain('a.tgz');
});
