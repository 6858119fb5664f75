import {execFileSync} from 'node:child_process';
import {afterAll, expect, test} from '@jest/globals';
import type {DeployCommit} from '@keelson/archive-builder';
import {bin, describeWith, git, runBin, type TestDirectory} from '@keelson/test-kit';
import {appDirectory, removeTemplate} from './app.ts';

afterAll(removeTemplate);

const program = bin('archive-builder');

async function commit(dir: TestDirectory, cwd: string, message: string): Promise<string> {
  await git(dir.at(cwd), 'add', '--all');
  await git(dir.at(cwd), 'commit', '-q', '-m', message);
  return (await git(dir.at(cwd), 'rev-parse', 'HEAD')).trim();
}

/** An app in a repository, and a deploy repository that has it as its submodule. */
async function repositories(): Promise<TestDirectory> {
  const server = 'import dep from "dep"; console.log(dep);';
  const dir = await appDirectory({
    'app/server.js': server,
    'deploy/README': '',
    'app/.gitignore': 'node_modules\n',
  });
  await git(dir.at('app'), 'init', '-q', '-b', 'main');
  await commit(dir, 'app', 'One');
  await git(dir.at('deploy'), 'init', '-q', '-b', 'production');
  const add = ['submodule', '--quiet', 'add', dir.at('app'), 'src'];
  await git(dir.at('deploy'), '-c', 'protocol.file.allow=always', ...add);
  await commit(dir, 'deploy', 'Start');
  return dir;
}

async function build(dir: TestDirectory, ...args: string[]) {
  return await runBin(program, ['app', '--deploy-repo', 'deploy', ...args], {
    cwd: dir.path,
    env: {XDG_CACHE_HOME: dir.at('cache')},
  });
}

describeWith(['git'], 'keelson-build --deploy-repo', () => {
  test('commits the dependencies, and the source as the submodule, ready for review; then there is nothing to do', async () => {
    await using dir = await repositories();
    await dir.write({'app/more.js': ''});
    const source = await commit(dir, 'app', 'Two');
    const {code, stdout, stderr} = await build(dir, '--json');
    expect({code, stderr}).toMatchObject({code: 0});
    const value = JSON.parse(stdout) as DeployCommit;
    const deploy = dir.at('deploy');
    const revision = (await git(deploy, 'rev-parse', 'production')).trim();
    const facts = {kind: 'deploy-commit', repository: deploy, branch: 'production', changed: true, revision};
    expect(value).toMatchObject({...facts, source: {path: 'src', revision: source}});
    const message = await git(deploy, 'log', '-1', '--format=%B');
    expect(message).toMatch(
      new RegExp(
        `^Update @demo/app to ${source.slice(0, 12)}\n\nDependencies: ${value.digest}\nChange-Id: I[0-9a-f]{40}\n`,
      ),
    );
    const changed = (await git(deploy, 'show', '--format=', '--name-only', 'HEAD')).trim().split('\n');
    expect(changed).toEqual([
      'node_modules/.package-lock.json',
      'node_modules/dep/index.js',
      'node_modules/dep/package.json',
      'src',
    ]);
    expect(await git(deploy, 'status', '--porcelain')).toBe('');
    expect(await git(deploy, 'ls-tree', 'HEAD', 'src')).toMatch(`160000 commit ${source}`);
    // Node finds the dependencies from the submodule, and there is no branch left of ours.
    expect(execFileSync('node', ['src/server.js'], {cwd: deploy, encoding: 'utf8'})).toBe('1\n');
    expect(await git(deploy, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toBe(
      'refs/heads/production',
    );

    const again = await build(dir, '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({changed: false, revision});
  }, 120_000);

  test('says what is in the way, before anything is installed, and changes nothing', async () => {
    await using dir = await repositories();
    const before = await git(dir.at('deploy'), 'rev-parse', 'HEAD');
    await dir.write({'deploy/README': 'changed'});
    expect(await build(dir)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has changes that are not committed: M README/),
    });
    await dir.write({'deploy/README': '', 'app/new.js': ''});
    expect(await build(dir)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/differs from its commit/),
    });
    await commit(dir, 'app', 'Clean');
    await git(dir.at('deploy'), 'rm', '-q', '-f', 'src');
    const without = await commit(dir, 'deploy', 'No source');
    expect(await build(dir)).toMatchObject({code: 1, stderr: expect.stringMatching(/has no submodule/)});
    expect((await git(dir.at('deploy'), 'rev-parse', 'HEAD')).trim()).toBe(without);
    expect(before).not.toBe('');
    const missing = await runBin(program, ['app', '--deploy-repo', 'nowhere'], {cwd: dir.path});
    expect(missing).toMatchObject({code: 1, stderr: expect.stringMatching(/there is no folder .*nowhere/)});
  });
});
