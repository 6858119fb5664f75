import {execFileSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {afterAll, describe, expect, test} from '@jest/globals';
import {openArchive, readEntries, type Archive} from '@keelson/archive';
import {
  buildArchive,
  openForBuild,
  planBuild,
  type BuildEvent,
  type BuildPlan,
} from '@keelson/archive-builder';
import {parseSource} from '@keelson/source';
import {bin, faultOf, git, runBin, testdir, type Tree} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';

afterAll(removeTemplate);

const program = bin('archive-builder');
const APP: Tree = {
  'package.json': JSON.stringify({name: 'app', version: '1.0.0', files: ['lib', 'dist']}),
  Procfile: 'web: node lib/app.js\n',
  'lib/app.js': '123',
  'docs/guide.md': '',
  'dist/site.css': 'css',
  'dist/deep/site.js': 'js',
  'other/dist/site.css': '',
  '.env': 'SECRET=1',
  '.gitignore': 'dist\nnode_modules\n*.log\n',
  'npm.log': '',
  'node_modules/dep/index.js': '',
};

describe('a dry run', () => {
  test('says what would go in and why each other file stays out, in and outside of git; the build agrees', async () => {
    await using dir = await appDirectory({'app/.keelsonignore': '/vendor/dev-*\n'});
    for (const inGit of [false, true]) {
      if (inGit) await git(dir.at('app'), 'init', '-q');
      const plan = await planBuild(parseSource(dir.at('app')), {out: dir.at('a.tgz'), scripts: []});
      expect(plan).toMatchObject({
        kind: 'build-plan',
        name: '@demo/app',
        version: '1.2.3',
        path: dir.at('a.tgz'),
        missing: {
          dependencies: true,
          scripts: [],
          tracing: false,
        },
        excluded: [
          {
            path: '.env',
            because: 'configuration is bound at deploy time',
          },
          {
            path: '.keelsonignore',
            because: 'only building needs it',
          },
          {
            path: 'vendor/dev-2.0.0.tgz',
            because: '.keelsonignore leaves it out',
          },
        ],
      });
      await using checkout = await openForBuild(parseSource(dir.at('app')));
      const archive = await buildArchive(checkout, {out: dir.at('a.tgz'), scripts: []});
      const own = (await readEntries(archive)).filter(
        ({path}) => !/^(node_modules\/|keelson\.cdx\.json$)/.test(path),
      );
      expect(plan.files).toEqual(
        own.map((entry) => ({path: entry.path, bytes: 'size' in entry && entry.size})),
      );
      expect(plan.bytes).toBe(plan.files.reduce((sum, {bytes}) => sum + bytes, 0));
    }
  });

  test('of a git work tree it names what git ignores, folders as a whole; exit 0, nothing is written', async () => {
    await using dir = await testdir(APP);
    await git(dir.path, 'init', '-q');
    const before = readdirSync(dir.path);
    const {code, stdout} = await runBin(program, ['--dry-run'], {cwd: dir.path});
    expect({code, stdout}).toEqual({
      code: 0,
      stdout: [
        '21 B  Procfile',
        ' 3 B  lib/app.js',
        '55 B  package.json',
        `3 files, 79 B, would go into ${dir.path}/app-1.0.0.tgz`,
        'stays out:',
        '  .env: configuration is bound at deploy time',
        '  .gitignore: package.json does not list it in "files"',
        '  dist: git ignores it',
        '  docs: package.json does not list it in "files"',
        '  node_modules: dependencies are installed anew',
        '  npm.log: git ignores it',
        '  other: git ignores it',
        '',
      ].join('\n'),
    });
    expect(readdirSync(dir.path)).toEqual(before);
    const json = await runBin(program, ['-n', '--json'], {cwd: dir.path});
    const plan = JSON.parse(json.stdout) as BuildPlan;
    expect(plan.files.map(({path}) => path)).toEqual(['Procfile', 'lib/app.js', 'package.json']);
  });

  test('what would stop the build stops it', async () => {
    await using dir = await testdir({...APP, 'lib/id_rsa': 'x'});
    expect(await faultOf(planBuild(parseSource(dir.path)))).toMatchObject({code: 'BUILD_SECRET'});
  });
});

test('of a workspace it lists those that it needs where they would be, and why their other files stay out', async () => {
  const pkg = (name: string, fields: object = {}) => JSON.stringify({name, version: '1.0.0', ...fields});
  await using dir = await testdir({
    'package.json': pkg('root', {private: true, workspaces: ['apps/*', 'packages/*']}),
    'apps/api/package.json': pkg('@all/api', {dependencies: {'@all/lib': '*'}}),
    'apps/api/server.js': '',
    'apps/api/.env': 'A=1',
    'packages/lib/package.json': pkg('@all/lib', {files: ['index.js'], dependencies: {'@all/deep': '*'}}),
    'packages/lib/index.js': '',
    'packages/lib/test/index.test.js': '',
    'packages/lib/.env': 'B=1',
    'packages/deep/package.json': pkg('@all/deep'),
    'packages/other/package.json': pkg('@all/other'),
  });
  const npm = ['install', '--package-lock-only', '--no-audit', '--no-fund'];
  execFileSync('npm', npm, {cwd: dir.path, stdio: 'pipe'});
  const plan = await planBuild(parseSource(dir.path), {workspace: 'api', out: dir.at('a.tgz')});
  const paths = plan.files.map(({path}) => path);
  expect(plan.excluded).toEqual([
    {path: '.env', because: 'configuration is bound at deploy time'},
    {path: 'node_modules/@all/lib/.env', because: 'configuration is bound at deploy time'},
    {path: 'node_modules/@all/lib/test', because: 'package.json does not list it in "files"'},
  ]);
  const build = {workspace: 'api', out: dir.at('a.tgz')};
  await using checkout = await openForBuild(parseSource(dir.path), {build});
  const entries = await readEntries(await buildArchive(checkout, build));
  expect(paths).toEqual(entries.map(({path}) => path));
  expect(paths).toContain('node_modules/@all/deep/package.json');
});

describe('--include', () => {
  const packed = async (...args: string[]) => {
    await using dir = await testdir(APP);
    await git(dir.path, 'init', '-q');
    const {code, stdout, stderr} = await runBin(program, ['-o', 'a.tgz', '--json', ...args], {cwd: dir.path});
    if (code !== 0) return stderr;
    const archive = await openArchive((JSON.parse(stdout) as Archive).path);
    return (await readEntries(archive)).map(({path}) => path);
  };

  test.each([
    ['a folder that git ignores, from the root alone', ['dist'], ['dist/deep/site.js', 'dist/site.css']],
    ['a pattern', ['dist/*.css'], ['dist/site.css']],
    ['what the files of package.json leave out', ['docs/guide.md'], ['docs/guide.md']],
    ['what both leave out', ['./other/dist'], ['other/dist/site.css']],
    ['several', ['docs,*.log'], ['docs/guide.md', 'npm.log']],
  ])('takes along %s', async (_title, include, more) => {
    const paths = await packed(...include.flatMap((pattern) => ['--include', pattern]));
    expect(paths).toEqual(['Procfile', 'lib/app.js', 'package.json', ...more].sort());
  });

  test('does not take along what never goes out, and says when there is nothing', async () => {
    expect(await packed('--include', '.env')).toMatch(
      /^error: no file in \S+ matches "\.env".*\nhint: It never goes in: configuration is bound/,
    );
    expect(await packed('--include', 'build')).toMatch(/matches "build", which the archive is to include$/m);
  });
});

test('at the end a build says how long it took and what is largest', async () => {
  await using dir = await appDirectory();
  const events: BuildEvent[] = [];
  await using checkout = await openForBuild(parseSource(dir.at('app')));
  const {bytes, path, manifest} = await buildArchive(checkout, {
    out: dir.at('a.tgz'),
    onEvent: (event) => void events.push(event),
  });
  expect(events.at(-1)).toEqual({
    type: 'build:packed',
    path,
    bytes,
    contents: manifest.contents,
    phases: ['open', 'install', 'check', 'install scripts', 'build scripts', 'prune', 'pack'].map((name) => ({
      name,
      seconds: expect.any(Number),
    })),
    packages: [
      {
        name: 'dep',
        bytes: expect.any(Number),
      },
    ],
  });
});
