import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {openArchive, verifyTree} from '@keelson/archive';
import {bin, describeWith, git, runBin, testdir, type TestDirectory} from '@keelson/test-kit';
import {isBranchName} from '../dist/is-branch-name.js';

const program = bin('archive-builder');

/** A repository with one commit of an app whose build output git ignores, and a dependency that would trip `git add`. */
async function repository(): Promise<TestDirectory> {
  const dir = await testdir({
    'app/package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      scripts: {build: 'node build.js'},
    }),
    'app/build.js': "require('fs').writeFileSync('built.js', require('fs').readFileSync('text.txt'));",
    'app/text.txt': 'one\n',
    'app/.gitignore': 'built.js\n',
    'app/.gitattributes': '*.txt text eol=crlf\nbuilt.js export-ignore\n',
    'app/run.sh': {mode: 0o755, content: '#!/bin/sh\n'},
    'app/link': {link: 'run.sh'},
  });
  await git(dir.at('app'), 'init', '--quiet', '--initial-branch=main');
  await git(dir.at('app'), 'add', '.');
  await git(dir.at('app'), 'commit', '--quiet', '-m', 'first');
  return dir;
}

const build = (dir: TestDirectory, ...args: string[]) =>
  runBin(program, ['--no-cache', ...args], {cwd: dir.at('app')});

interface Built {
  readonly revision: string;
  readonly digest: string;
  readonly changed: boolean;
}

async function onto(dir: TestDirectory, branch = 'deploy'): Promise<Built> {
  const {code, stdout, stderr} = await build(dir, '--onto', branch, '--json');
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  return JSON.parse(stdout) as Built;
}

describeWith(['git'], 'keelson-build --onto', () => {
  test('commits the archive onto a branch of its own, and touches nothing else', async () => {
    await using dir = await repository();
    const app = dir.at('app');
    const head = await git(app, 'rev-parse', 'HEAD');
    const index = readFileSync(dir.at('app/.git/index'));
    const built = await onto(dir);
    expect(built).toMatchObject({kind: 'branch-archive', branch: 'deploy', changed: true});
    expect((await git(app, 'log', '-1', '--format=%H %P%n%s%n%b', 'deploy')).trim()).toBe(
      `${built.revision} ${head}\napp 1.0.0\n${built.digest}`,
    );
    expect(await git(app, 'status', '--porcelain')).toBe('');
    expect(await git(app, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(readFileSync(dir.at('app/.git/index')).equals(index)).toBe(true);
    expect(await dir.list('app')).not.toContain('app-1.0.0.tgz');

    // Not by a checkout, whose filters would change bytes.
    await git(app, 'config', 'core.attributesFile', '/dev/null');
    await git(dir.path, 'clone', '--quiet', '--no-checkout', '--branch', 'deploy', app, 'copy');
    await dir.write({'copy/.git/info/attributes': '* -text -export-ignore\n'});
    await git(dir.at('copy'), 'checkout', '--quiet', 'deploy');
    const archive = await openArchive(dir.at('copy'));
    expect(archive.digest).toBe(built.digest);
    expect((await verifyTree(dir.at('copy'))).problems).toEqual([]);
    expect(readFileSync(dir.at('copy/built.js'), 'utf8')).toBe('one\n');
  });

  test('the second commit stands on the first and on its source; the same archive is no new commit', async () => {
    await using dir = await repository();
    const first = await onto(dir);
    expect(await onto(dir)).toMatchObject({revision: first.revision, changed: false, digest: first.digest});
    await dir.write({'app/text.txt': 'two\n'});
    await git(dir.at('app'), 'commit', '--quiet', '-am', 'second');
    const second = await onto(dir);
    const parents = await git(dir.at('app'), 'log', '-1', '--format=%P', 'deploy');
    expect(parents).toBe(`${first.revision} ${await git(dir.at('app'), 'rev-parse', 'HEAD')}`);
    expect(second.digest).not.toBe(first.digest);
  });

  test.each(['main', 'topic'])('refuses a branch that holds sources: %s', async (branch) => {
    await using dir = await repository();
    await git(dir.at('app'), 'branch', 'topic');
    const before = await git(dir.at('app'), 'rev-parse', branch);
    const {code, stderr} = await build(dir, '--onto', branch);
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: expect.stringContaining(`the branch ${branch} of app holds sources`),
    });
    expect(await git(dir.at('app'), 'rev-parse', branch)).toBe(before);
  });

  test.each([
    'a..b',
    '-x',
    'a b',
    '.a',
    'a.lock',
    'a/.b',
    'a/',
    'a//b',
    '@',
    'a@{1}',
    'HEAD',
    '',
    'a',
    'a-b/c.d',
    'ä',
    'a@b',
  ])('takes the names of branches that git takes: %j', (name) => {
    const {status} = spawnSync('git', ['check-ref-format', '--branch', name], {cwd: '/'});
    expect(isBranchName(name)).toBe(status === 0);
  });

  test('another name is refused before anything is built', async () => {
    await using dir = await repository();
    const {code, stderr} = await build(dir, '--onto=a..b');
    expect({code, stderr}).toEqual({code: 1, stderr: 'error: "a..b" is no name of a branch\n'});
  });

  test('a folder outside of a repository has no branch', async () => {
    await using dir = await testdir({'app/package.json': '{"name": "app", "version": "1.0.0"}'});
    const {code, stderr} = await build(dir, '--onto', 'deploy');
    expect({code, stderr}).toEqual({
      code: 1,
      stderr: expect.stringContaining('no folder of a git repository'),
    });
  });

  test('--out keeps the file as well', async () => {
    await using dir = await repository();
    const {stdout} = await build(dir, '--onto', 'deploy', '--out', '../a.tgz');
    const archive = await openArchive(dir.at('a.tgz'));
    expect(stdout).toMatch(new RegExp(`^deploy [0-9a-f]{40}\n${archive.digest}\n$`));
  });
});
