import {execFileSync} from 'node:child_process';
import {lstatSync, readdirSync} from 'node:fs';
import {expect, test} from '@jest/globals';
import {checkoutTree, commitTree, initBare} from '@keelson/git';
import {describeWith, expectFault, faultOf, git, testdir, type TestDirectory} from '@keelson/test-kit';

interface Hostile {
  readonly mode: string;
  readonly name: string;
  readonly content: string | readonly Hostile[];
}

/** Writes objects that git's own commands refuse to make. */
function object(gitDir: string, type: string, bytes: Buffer): string {
  return execFileSync('git', ['hash-object', '-t', type, '--literally', '-w', '--stdin'], {
    cwd: gitDir,
    input: bytes,
  })
    .toString()
    .trim();
}

function tree(gitDir: string, entries: readonly Hostile[]): string {
  const records = entries.flatMap(({mode, name, content}) => {
    const id =
      mode === '160000'
        ? '1'.repeat(40)
        : typeof content === 'string'
          ? object(gitDir, 'blob', Buffer.from(content))
          : tree(gitDir, content);
    return [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')];
  });
  return object(gitDir, 'tree', Buffer.concat(records));
}

async function hostile(entries: readonly Hostile[]): Promise<TestDirectory & {revision: string}> {
  const dir = await testdir();
  await initBare(dir.at('r.git'));
  const revision = await git(dir.at('r.git'), 'commit-tree', '-m', 'x', tree(dir.at('r.git'), entries));
  return Object.assign(dir, {revision});
}

const file = (name: string, content = ''): Hostile => ({mode: '100644', name, content});
const link = (name: string, content: string): Hostile => ({mode: '120000', name, content});
const folder = (name: string, ...content: Hostile[]): Hostile => ({mode: '40000', name, content});

describeWith(['git'], 'checkoutTree', () => {
  test('writes files, modes and links, and obeys nothing that the tree says', async () => {
    await using dir = await testdir({
      'app/.gitattributes': '* text eol=crlf\n*.id ident\nx export-ignore\n',
      'app/a.id': '$Id$\n',
      'app/lf': 'a\nb\n',
      'app/x': {mode: 0o755, content: '#!'},
      'app/node_modules/.bin/x': {link: '../x/cli.js'},
      'app/node_modules/x': {link: '../packages/x'},
      'app/packages/x/cli.js': '1',
      'out/': '',
    });
    await initBare(dir.at('r.git'));
    const {revision} = await commitTree(dir.at('app'), {
      gitDir: dir.at('r.git'),
      branch: 'main',
      message: 'm',
    });
    await checkoutTree({gitDir: dir.at('r.git'), revision}, dir.at('out'));
    expect(await dir.list('out')).toEqual(await dir.list('app'));
    expect(await dir.read('out/a.id')).toBe('$Id$\n');
    expect(await dir.read('out/lf')).toBe('a\nb\n');
    expect(await dir.read('out/node_modules/.bin/x')).toBe('1');
    expect(lstatSync(dir.at('out/x')).mode & 0o111).not.toBe(0);
    expect(lstatSync(dir.at('out/lf')).mode & 0o111).toBe(0);
  });

  test.each<[string, readonly Hostile[], string]>([
    ['a submodule', [{mode: '160000', name: 'sub', content: ''}], '"sub" is a submodule'],
    ['..', [folder('..', file('x'))], 'is not a plain path'],
    ['.', [folder('.', file('x'))], 'is not a plain path'],
    ['a slash in a name', [file('a/../../x')], 'is not a plain path'],
    ['an absolute name', [file('/etc/passwd')], 'is not a relative path'],
    ['.git', [folder('a', folder('.git', file('config')))], '.git folder'],
    ['.Git. with trailing dots', [folder('.Git..', file('config'))], '.git folder'],
    ['git~1', [folder('git~1', file('config'))], '.git folder'],
    ['.git as an NTFS stream', [folder('.git::$INDEX_ALLOCATION', file('config'))], '.git folder'],
    ['a control character', [file('a\u001bb')], 'control character'],
    ['a name that is too long', [file('a'.repeat(256))], 'NAME_MAX'],
    ['a name twice', [file('a', '1'), file('a', '2')], '"a" is there twice'],
    ['a folder behind a link of the same name', [link('a', '.'), folder('a', file('x'))], 'lies below "a"'],
    ['an absolute link', [link('a', '/etc/passwd')], 'is not a relative path'],
    ['a link out of the tree', [folder('a', link('b', '../../x'))], 'leads out of the tree'],
    ['a link out by way of another', [link('up', 'a/..'), folder('a', link('b', '../up/../x'))], 'leads out'],
    [
      'a link out through a deep link',
      [folder('d', folder('e', file('f'))), link('l', 'd/e'), link('m', 'l/../../../x')],
      'leads out',
    ],
    ['links in a circle', [link('a', 'b'), link('b', 'a')], 'too many links'],
    ['an empty link', [link('a', '')], 'is not a relative path'],
    ['a link with an endless target', [link('a', 'x/'.repeat(3000))], 'too long a target'],
  ])('refuses %s', async (_, entries, because) => {
    await using dir = await hostile(entries);
    const fault = await expectFault(
      checkoutTree({gitDir: dir.at('r.git'), revision: dir.revision}, dir.at('out')),
      'GIT_UNSAFE_TREE',
    );
    expect(fault.message).toContain(because);
    expect(await dir.list('.')).not.toContain('out/x');
  });

  test('a link may leave its folder, dangle, and pass through others inside', async () => {
    await using dir = await hostile([
      folder('a', link('b', '../c/d'), link('gone', '../nowhere/x')),
      folder('c', file('d', 'hello')),
      link('l', 'a/../c'),
      link('m', 'l/d'),
    ]);
    await checkoutTree({gitDir: dir.at('r.git'), revision: dir.revision}, dir.at('out'));
    expect(await dir.read('out/m')).toBe('hello');
    expect(await dir.read('out/a/b')).toBe('hello');
  });

  test.each([
    [{files: 1}, '2 files; 1 is the limit'],
    [{bytes: 9}, '10 bytes; 9 is the limit'],
  ])('keeps the limit %j', async (limits, because) => {
    await using dir = await hostile([file('a', '12345'), file('b', '67890')]);
    const at = {gitDir: dir.at('r.git'), revision: dir.revision};
    const fault = await expectFault(checkoutTree(at, dir.at('out'), {limits}), 'GIT_TOO_LARGE');
    expect(fault.message).toContain(because);
    await checkoutTree(at, dir.at('out'), {limits: {files: 2, bytes: 10}});
  });

  test('a small pack that unfolds to billions of names ends at the limit of the listing', async () => {
    await using dir = await testdir();
    await initBare(dir.at('r.git'));
    let id = tree(dir.at('r.git'), [file('f')]);
    for (let level = 0; level < 9; level++) {
      const records = Array.from({length: 10}, (_unused, n) => [
        Buffer.from(`40000 d${n}\0`),
        Buffer.from(id, 'hex'),
      ]);
      id = object(dir.at('r.git'), 'tree', Buffer.concat(records.flat()));
    }
    const revision = await git(dir.at('r.git'), 'commit-tree', '-m', 'bomb', id);
    await git(dir.at('r.git'), 'update-ref', 'refs/heads/main', revision);
    await git(dir.at('r.git'), 'repack', '-adq'); // as a push arrives; loose objects are slow to list
    const checking = checkoutTree({gitDir: dir.at('r.git'), revision}, dir.at('out'));
    expect(await faultOf(checking)).toMatchObject({code: 'GIT_TOO_LARGE'});
  });

  test('an occupied folder, a missing revision and an option in its place are refused', async () => {
    await using dir = await hostile([file('a')]);
    await dir.write({'out/mine': '1'});
    const gitDir = dir.at('r.git');
    await expectFault(checkoutTree({gitDir, revision: dir.revision}, dir.at('out')), 'GIT_FAILED');
    expect(await dir.read('out/mine')).toBe('1');
    for (const revision of ['0'.repeat(40), '--name-only', 'nope'])
      await expectFault(checkoutTree({gitDir, revision}, dir.at('new')), 'GIT_FAILED');
  });

  test('a blob that is missing leaves the folder empty', async () => {
    await using dir = await hostile([file('a', 'one'), file('b', 'two')]);
    const gitDir = dir.at('r.git');
    const id = await git(gitDir, 'rev-parse', `${dir.revision}:b`);
    execFileSync('rm', ['-f', `${gitDir}/objects/${id.slice(0, 2)}/${id.slice(2)}`]);
    await expectFault(checkoutTree({gitDir, revision: dir.revision}, dir.at('out')), 'GIT_FAILED');
    expect(await dir.list('.')).not.toContainEqual(expect.stringMatching(/^out/));
  });

  test('aborting rejects with the reason and leaves the folder empty', async () => {
    await using dir = await testdir({'app/': ''});
    await dir.write(
      Object.fromEntries(Array.from({length: 500}, (_, n) => [`app/f${n}`, `${n}`.repeat(9000)])),
    );
    await initBare(dir.at('r.git'));
    const target = {gitDir: dir.at('r.git'), branch: 'main', message: 'm'};
    const {revision} = await commitTree(dir.at('app'), target);
    const abort = new AbortController();
    const reason = new RangeError('enough');
    const checking = checkoutTree({gitDir: dir.at('r.git'), revision}, dir.at('out'), {signal: abort.signal});
    const timer = setInterval(() => {
      // once the first files are there
      try {
        if (readdirSync(dir.at('out')).length > 0) abort.abort(reason);
      } catch {}
    }, 1);
    await expect(checking.finally(() => clearInterval(timer))).rejects.toBe(reason);
    expect(readdirSync(dir.at('out'))).toEqual([]);
  });
});
