import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {expect, test} from '@jest/globals';
import {openArchive, readEntries} from '@keelson/archive';
import {bin, describeWith, git, runBin, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

const program = bin('archive-builder');
const PLAIN = ['--no-install', '--no-scripts', '--no-cache', '-o', 'a.tgz'];

const APP: Tree = {
  'app/package.json': '{"name": "app", "version": "1.0.0"}',
  'app/bin/run.sh': {mode: 0o755, content: '#!/bin/sh\n'},
  'app/lib/ünï/ä b.js': 'x\r\n',
  'app/lib/link.js': {link: 'ünï/ä b.js'},
  'app/empty.txt': '',
  'app/xgit/kept.txt': 'a folder whose name only ends like .git',
  'app/.gitignore': '*.log\n',
  'app/.hidden/deep/file': 'y',
  'app/vendor/node_modules.txt': '',
};

async function committed(tree: Tree = APP): Promise<TestDirectory> {
  const dir = await testdir(tree);
  await git(dir.at('app'), 'init', '-q');
  await git(dir.at('app'), 'add', '--all');
  await git(dir.at('app'), 'commit', '-q', '-m', 'One');
  return dir;
}

async function paths(archive: string): Promise<string[]> {
  return (await readEntries(await openArchive(archive))).map(({path}) => path);
}

describeWith(['git', 'tar', 'diff'], 'sources of git', () => {
  test("an archive extracted is git archive's tree, file by file, mode by mode", async () => {
    await using dir = await committed();
    await dir.write({'app/ignored.log': 'not committed'});
    expect(await runBin(program, ['app', ...PLAIN], {cwd: dir.path})).toMatchObject({code: 0});
    const extracted = await runBin(bin('archive'), ['extract', 'a.tgz', 'ours'], {cwd: dir.path});
    expect(extracted).toMatchObject({code: 0});
    execFileSync('sh', ['-c', 'mkdir git && git -C app archive HEAD | tar -x -C git'], {cwd: dir.path});
    const compare = 'exec diff -r --no-dereference --exclude=keelson.json git ours';
    const {stdout, status} = spawnSync(compare, {cwd: dir.path, encoding: 'utf8', shell: true});
    expect({stdout, status}).toEqual({stdout: '', status: 0});
    const modes = (folder: string) =>
      execFileSync('find', ['.', '-type', 'f', '-perm', '-100', '-printf', '%P\n'], {
        cwd: dir.at(folder),
        encoding: 'utf8',
      });
    expect(modes('ours')).toBe(modes('git'));
  });

  test('submodules come along, of a folder and through a clone, and give the same archive', async () => {
    await using dir = await committed({...APP, 'part/index.js': 'module.exports = 1;', 'part/deep/file': ''});
    // git refuses to clone submodules from a path unless it is told to: CVE-2022-39253
    await dir.write({
      gitconfig: '[protocol "file"]\n\tallow = always\n[user]\n\tname = T\n\temail = t@example.com\n',
    });
    const env = {GIT_CONFIG_GLOBAL: dir.at('gitconfig')};
    await git(dir.at('part'), 'init', '-q');
    await git(dir.at('part'), 'add', '--all');
    await git(dir.at('part'), 'commit', '-q', '-m', 'Part');
    const add = ['submodule', '--quiet', 'add', dir.at('part'), 'modules/part'];
    await git(dir.at('app'), '-c', 'protocol.file.allow=always', ...add);
    await git(dir.at('app'), 'commit', '-q', '-m', 'With a part');
    const built = async (source: string) => {
      const {code, stderr} = await runBin(program, [source, ...PLAIN], {cwd: dir.path, env});
      expect({code, stderr}).toMatchObject({code: 0});
      return await openArchive(dir.at('a.tgz'));
    };
    const ofFolder = await built('app');
    expect(await paths(dir.at('a.tgz'))).toEqual(
      expect.arrayContaining(['modules/part/deep/file', 'modules/part/index.js']),
    );
    const ofClone = await built(`git+file://${dir.at('app')}`);
    expect(ofClone.digest).toBe(ofFolder.digest);
    expect(ofClone.manifest.source).toMatchObject({
      revision: ofFolder.manifest.source.revision,
      dirty: false,
    });
  });
});

test('a tarball from the web is a source; a fault names its URL', async () => {
  await using dir = await testdir({
    'app/package.json': '{"name": "app", "version": "1.0.0"}',
    'app/index.js': '',
  });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', dir.path], {cwd: dir.at('app')});
  execFileSync('tar', ['-czf', 'none.tgz', 'app/index.js'], {cwd: dir.path});
  const files = new Map([
    ['/app-1.0.0.tgz', 'app-1.0.0.tgz'],
    ['/none.tgz', 'none.tgz'],
  ]);
  const server = createServer(({url = ''}, response) => {
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200);
    response.end(file === undefined ? '' : readFileSync(dir.at(file)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const {code, stderr} = await runBin(program, [`${url}/app-1.0.0.tgz`, ...PLAIN], {cwd: dir.path});
    expect({code, stderr}).toMatchObject({code: 0});
    expect(await paths(dir.at('a.tgz'))).toEqual(['index.js', 'package.json']);
    const bad = await runBin(program, [`${url}/none.tgz`, ...PLAIN], {cwd: dir.path});
    expect(bad).toMatchObject({code: 1, stderr: expect.stringContaining(`${url}/none.tgz`)});
    const missing = await runBin(program, [`${url}/nothing.tgz`, ...PLAIN], {cwd: dir.path});
    expect(missing).toMatchObject({code: 1, stderr: expect.stringMatching(/404/)});
  } finally {
    server.close();
  }
});
