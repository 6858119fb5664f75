import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from '@jest/globals';
import {openArchive, type Archive} from '@keelson/archive';
import {alive, bin, launchBin, packageRoot, runBin, testdir} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';

afterAll(removeTemplate);

const program = bin('archive-builder');
const fakeNpm = join(packageRoot(import.meta.url), 'test/fixtures/bin');
const realNpm = execFileSync('sh', ['-c', 'command -v npm'], {encoding: 'utf8'}).trim();

describe('keelson-build', () => {
  test('builds the current folder into NAME-VERSION.tgz; --json is the archive', async () => {
    await using dir = await appDirectory();
    const env = {XDG_CACHE_HOME: dir.at('cache')};
    const talk = await runBin(program, [], {cwd: dir.at('app'), env});
    expect(talk).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/demo-app-1\.2\.3\.tgz\nsha256-[0-9a-f]{64}\n$/),
    });
    expect(talk.stderr).toMatch(/^building @demo\/app 1\.2\.3 with npm$/m);
    expect(talk.stderr).toMatch(/^installed the dependencies$/m);
    expect(talk.stderr).toMatch(/^left out \.env: /m);
    expect(talk.stderr).toMatch(/^install scripts that did not run \(allow them with --rebuild\): dep$/m);
    expect(talk.stderr).toMatch(/^packed 13 files of /m);

    const again = await runBin(program, ['app', '--out', 'again.tgz'], {cwd: dir.path, env});
    expect(again.stderr).toMatch(/^took the dependencies from the cache$/m);
    const quiet = await runBin(program, ['app', '--out', 'x.tgz', '--json', '--no-cache'], {cwd: dir.path});
    expect(quiet).toMatchObject({code: 0, stderr: ''});
    const {fileDigest, ...archive} = JSON.parse(quiet.stdout) as Archive;
    expect(archive).toEqual(await openArchive(dir.at('x.tgz')));
    expect(fileDigest).toMatch(/^sha256-/);
    expect(archive.digest).toBe((await openArchive(dir.at('app/demo-app-1.2.3.tgz'))).digest);
  });

  test('SOURCE_DATE_EPOCH is the time of the entries', async () => {
    await using dir = await testdir({'package.json': '{"name": "bare"}'});
    const built = await runBin(program, ['-o', 'a.tar'], {
      cwd: dir.path,
      env: {SOURCE_DATE_EPOCH: '1700000000'},
    });
    expect(built.code).toBe(0);
    const listing = execFileSync('tar', ['tvf', 'a.tar', '--utc'], {cwd: dir.path, encoding: 'utf8'});
    expect(listing).toMatch(/^(.*2023-11-14 22:13.*\n){2}$/);
    const wrong = await runBin(program, [], {cwd: dir.path, env: {SOURCE_DATE_EPOCH: 'now'}});
    expect(wrong).toMatchObject({code: 2, stderr: expect.stringContaining('SOURCE_DATE_EPOCH is "now"')});
  });

  test.each([
    ['no package', {'x.js': ''}, 'package.json does not exist'],
    ['a manifest that is no JSON', {'package.json': '{"name": '}, 'package.json:1'],
  ])('%s is told by the folder that was named, not by our copy of it', async (_title, tree, place) => {
    await using dir = await testdir(tree);
    const {code, stderr} = await runBin(program, [dir.path]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${dir.path}/${place}`);
    expect(stderr).not.toContain('keelson-source-');
  });

  test('a fault is exit 1 and a sentence; under --json it is a value', async () => {
    await using dir = await testdir({'package.json': '{"name": "a", "dependencies": {"b": "1"}}'});
    const talk = await runBin(program, [], {cwd: dir.path});
    expect(talk).toMatchObject({code: 1, stdout: ''});
    expect(talk.stderr).toMatch(/has dependencies and no lockfile/);
    expect(talk.stderr).not.toMatch(/^\s+at /m);
    const json = await runBin(program, ['--json'], {cwd: dir.path});
    expect(JSON.parse(json.stdout)).toMatchObject({error: {code: 'PM_NO_LOCKFILE'}});
  });
});

describe('an interrupted build leaves no temporary folder, no process and no half archive', () => {
  const start = async (hangAt: string, more = {}) => {
    const dir = await appDirectory({'tmp/': '', 'out/': '', 'cache/keelson/dependencies/': '', ...more});
    const build = launchBin(program, ['app', '--out', 'out/a.tgz'], {
      cwd: dir.path,
      env: {
        PATH: `${fakeNpm}:${process.env['PATH']}`,
        REAL_NPM: realNpm,
        HANG_AT: hangAt,
        PID_FILE: dir.at('pid'),
        TMPDIR: dir.at('tmp'),
        XDG_CACHE_HOME: dir.at('cache'),
      },
    });
    return {dir, build};
  };
  const left = (path: string) => [
    ...['tmp', 'out'].flatMap((name) => readdirSync(join(path, name))),
    ...readdirSync(join(path, 'cache'), {recursive: true}).filter((name) =>
      String(name).includes('.keelson-tmp'),
    ),
  ];

  test.each([
    ['install', 'ci', 'SIGINT', 130],
    ['build script', 'run', 'SIGTERM', 143],
    ['prune', 'prune', 'SIGINT', 130],
    ['first look at npm', '--version', 'SIGHUP', 129],
  ] as const)('at its %s', async (_title, hangAt, signal, code) => {
    const {dir: directory, build: launched} = await start(hangAt);
    await using dir = directory;
    await using build = launched;
    await build.line(hangAt === '--version' ? 'building @demo/app' : `hanging at ${hangAt}`);
    expect(readdirSync(dir.at('tmp'))).toHaveLength(1);
    build.kill(signal);
    expect(await build.exited).toEqual({code, signal: null});
    expect(left(dir.path)).toEqual([]);
    const pid = readdirSync(dir.path).includes('pid') ? Number(await dir.read('pid')) : undefined;
    expect(pid !== undefined && alive(pid)).toBe(false);
  });

  test('while it packs', async () => {
    const build = `require('fs').writeFileSync('random.bin', require('crypto').randomBytes(96 * 1024 * 1024));`;
    const started = await start('never', {
      'app/build.js': `import {createRequire} from 'node:module'; const require = createRequire(import.meta.url); ${build}`,
    });
    await using dir = started.dir;
    await using running = started.build;
    await running.line('removed what only development needs');
    running.kill('SIGINT');
    expect(await running.exited).toEqual({code: 130, signal: null});
    expect(left(dir.path)).toEqual([]);
  });
});
