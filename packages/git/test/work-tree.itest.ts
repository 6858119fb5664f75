import {readFileSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {describeWorkTree, initBare, isBareRepository, listIgnored, listWorkTreeFiles} from '@keelson/git';
import {describeWith, expectFault, git, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

async function repository(tree: Tree): Promise<TestDirectory> {
  const dir = await testdir(tree);
  await git(dir.path, 'init', '--quiet', '--initial-branch=main');
  await git(dir.path, 'add', '--all');
  await git(dir.path, 'commit', '--quiet', '-m', '1');
  return dir;
}

describeWith(['git'], 'describeWorkTree', () => {
  test('tells revision, branch, origin without credentials, and whether something changed', async () => {
    await using dir = await repository({a: '1', 'sub/b': '2'});
    const revision = await git(dir.path, 'rev-parse', 'HEAD');
    const clean = {kind: 'work-tree', revision, branch: 'main', origin: undefined, dirty: false};
    expect(await describeWorkTree(dir.path)).toEqual(clean);

    await git(dir.path, 'remote', 'add', 'origin', 'https://me:secret@host/a.git');
    await dir.write({new: ''});
    expect(await describeWorkTree(dir.path)).toEqual({
      ...clean,
      origin: 'https://host/a.git',
      dirty: true,
    });
    expect(await describeWorkTree(dir.at('sub'))).toMatchObject({revision, dirty: false});

    await git(dir.path, 'checkout', '--quiet', '--detach');
    expect(await describeWorkTree(dir.path)).toMatchObject({revision, branch: undefined});
  });

  test('outside, without a commit, in a bare repository and in an ignored folder there is nothing to tell', async () => {
    await using outside = await testdir({'none/': '', 'unborn/': '', 'bare/': ''});
    await git(outside.at('unborn'), 'init', '--quiet');
    await git(outside.at('bare'), 'init', '--quiet', '--bare');
    await using dir = await repository({'.gitignore': 'dist/\n', 'dist/x': ''});
    for (const folder of [outside.at('none'), outside.at('unborn'), outside.at('bare'), dir.at('dist')])
      expect(await describeWorkTree(folder)).toBeUndefined();
    for (const folder of [outside.at('none'), outside.at('bare'), dir.at('dist')])
      expect(await listWorkTreeFiles(folder)).toBeUndefined();
    expect(await listWorkTreeFiles(outside.at('unborn'))).toEqual([]);
  });

  test('runs nothing that the repository configures', async () => {
    await using dir = await repository({a: '1'});
    await dir.write({'fsmonitor.sh': {mode: 0o755, content: `#!/bin/sh\ntouch ${dir.at('ran')}\n`}});
    await git(dir.path, 'config', 'core.fsmonitor', dir.at('fsmonitor.sh'));
    await describeWorkTree(dir.path);
    await listWorkTreeFiles(dir.path);
    expect(await dir.list()).not.toContain('ran');
  });
});

describeWith(['git'], 'listWorkTreeFiles', () => {
  test('lists what is tracked, or new and not ignored, and is still there', async () => {
    await using dir = await repository({
      '.gitignore': 'node_modules\n*.log\n',
      'a b/ü"\n.txt': '',
      gone: '',
      link: {link: 'a b'},
      'sub/x': '',
    });
    await dir.write({'node_modules/y': '', 'x.log': '', 'new/file': ''});
    await git(dir.path, 'rm', '--quiet', '--cached', 'link');
    const {rm} = await import('node:fs/promises');
    await rm(dir.at('gone'));
    expect(await listWorkTreeFiles(dir.path)).toEqual(
      ['.gitignore', 'a b/ü"\n.txt', 'link', 'new/file', 'sub/x'].sort(),
    );
    expect(await listWorkTreeFiles(dir.at('sub'))).toEqual(['x']);
  });

  test('goes into submodules and nested repositories', async () => {
    await using inner = await repository({'i/j': ''});
    await using dir = await repository({a: ''});
    await git(dir.path, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'mod');
    await dir.write({'nested/n': '', 'mod/new': ''});
    await git(dir.at('nested'), 'init', '--quiet');
    await git(dir.at('nested'), 'add', 'n');
    await git(dir.at('nested'), 'commit', '--quiet', '-m', 'n');
    expect(await listWorkTreeFiles(dir.path)).toEqual(['.gitmodules', 'a', 'mod/i/j', 'mod/new', 'nested/n']);
    await git(dir.path, 'submodule', '--quiet', 'deinit', '--force', 'mod');
    expect(await listWorkTreeFiles(dir.path)).toEqual(['.gitmodules', 'a', 'nested/n']);
  });
});

describeWith(['git'], 'initBare', () => {
  test('makes a bare repository without hooks, and leaves an existing one as it is', async () => {
    await using dir = await testdir({'plain/HEAD': 'x'});
    const gitDir = dir.at('a/b.git');
    await initBare(gitDir);
    await initBare(gitDir);
    expect(await isBareRepository(gitDir)).toBe(true);
    expect(await git(gitDir, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(await isBareRepository(dir.at('plain'))).toBe(false);
    expect(await isBareRepository(dir.at('nowhere'))).toBe(false);
    expect((await dir.list('a/b.git')).filter((path) => path.startsWith('hooks'))).toEqual([]);
    expect(await git(gitDir, 'fsck', '--strict')).toBe('');
    await git(dir.path, 'init', '--quiet', '--bare', '--template=', 'of-git');
    expect(readFileSync(`${gitDir}/config`, 'utf8')).toBe(readFileSync(dir.at('of-git/config'), 'utf8'));
    await git(dir.at('of-git'), 'config', 'core.bare', 'false');
    await initBare(dir.at('of-git'));
    expect(await git(dir.at('of-git'), 'config', 'core.bare')).toBe('false');
    const fault = await expectFault(initBare(dir.at('plain/HEAD/below')), 'GIT_FAILED');
    expect(fault.message).toContain(dir.at('plain/HEAD/below'));
  });
});

test('listIgnored names folders as a whole, those below them no more, and says nothing outside of a repository', async () => {
  await using dir = await testdir({
    '.gitignore': 'dist\n*.log\n',
    'a.log': '',
    'dist/x.js': '',
    'only/dist/x.js': '',
    'mixed/dist/x.js': '',
    'mixed/y.js': '',
  });
  expect(await listIgnored(dir.path)).toBeUndefined();
  await git(dir.path, 'init', '-q');
  expect(await listIgnored(dir.path)).toEqual(['a.log', 'dist/', 'mixed/dist/', 'only/']);
  expect(await listIgnored(dir.at('dist'))).toBeUndefined();
});
