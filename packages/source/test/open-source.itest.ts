import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, statSync} from 'node:fs';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {dirname} from 'node:path';
import {describe, expect, test} from '@jest/globals';
import {writeArchive} from '@keelson/archive';
import {openSource, parseSource, type Checkout, type SourceEvent} from '@keelson/source';
import {faultOf, git, gitRemote, testdir, type TestDirectory, type Tree} from '@keelson/test-kit';

type Excluded = Extract<SourceEvent, {type: 'source:excluded'}>;

const APP: Tree = {
  'package.json': '{"name": "app"}',
  'src/a.js': 'a',
  'bin/run': {mode: 0o750, content: '#!/bin/sh\n'},
  link: {link: 'src/a.js'},
};
const OUT: Tree = {
  '.env': 'SECRET=1',
  '.env.production': 'SECRET=1',
  'packages/x/.env': 'SECRET=1',
  '.DS_Store': '',
  'node_modules/dep/index.js': '',
};
const KEPT = [
  '.env.example',
  'bin/run',
  'link',
  'package.json',
  'packages/x/package.json',
  'src/a.js',
  'src/node_modules/own/index.js',
];

/** Everything that a source may have in it. */
const FULL: Tree = {
  ...APP,
  ...OUT,
  '.env.example': 'SECRET=',
  'packages/x/package.json': '{"name": "x"}',
  'packages/x/node_modules/dep/index.js': '',
  // Not beside a package.json: a folder of the app, for imports without a path.
  'src/node_modules/own/index.js': '',
};

async function repository(tree: Tree): Promise<TestDirectory> {
  const dir = await testdir(tree);
  await git(dir.path, 'init', '--quiet', '--initial-branch=main');
  await git(dir.path, 'add', '--all');
  await git(dir.path, 'commit', '--quiet', '--message=first');
  return dir;
}

const files = async ({dir}: Checkout) =>
  readdirSync(dir, {recursive: true, withFileTypes: true})
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath.slice(dir.length + 1)}/${entry.name}`.replace(/^\//, ''))
    .sort();

describe('a folder', () => {
  test('is copied into a private one, without secrets and installed packages; disposing removes the copy', async () => {
    await using dir = await testdir(FULL);
    const before = await dir.list();
    const events: Excluded[] = [];
    const checkout = await openSource(
      {kind: 'directory', path: dir.path},
      {onEvent: (event) => void (event.type === 'source:excluded' && events.push(event))},
    );
    expect(checkout).toMatchObject({kind: 'checkout', from: {kind: 'directory', path: dir.path}});
    expect(checkout.revision).toBeUndefined();
    expect(await files(checkout)).toEqual(KEPT);
    expect(statSync(dirname(checkout.dir)).mode & 0o777).toBe(0o700);
    expect(statSync(`${checkout.dir}/bin/run`).mode & 0o777).toBe(0o755);
    expect(events.map(({path}) => path).sort()).toEqual([
      '.DS_Store',
      '.env',
      '.env.production',
      'packages/x/.env',
    ]);

    await writeFile(`${checkout.dir}/src/a.js`, 'changed');
    expect(await dir.read('src/a.js')).toBe('a');
    expect(await dir.list()).toEqual(before);
    await checkout[Symbol.asyncDispose]();
    expect(existsSync(dirname(checkout.dir))).toBe(false);
  });

  test('leaves sockets and pipes of a running program out, by name', async () => {
    await using dir = await testdir(APP);
    execFileSync('mkfifo', [dir.at('src/pipe')]);
    const events: SourceEvent[] = [];
    const server = createServer().listen(dir.at('control.sock'));
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      await using checkout = await openSource(parseSource(dir.path), {
        onEvent: (event) => void events.push(event),
      });
      expect(await files(checkout)).toEqual(['bin/run', 'link', 'package.json', 'src/a.js']);
      expect(events).toEqual([
        {type: 'source:excluded', path: 'control.sock', because: 'it is a socket'},
        {type: 'source:excluded', path: 'src/pipe', because: 'it is a named pipe'},
      ]);
    } finally {
      server.close();
    }
  });

  test.each([
    ['leads out', '../../other', /leads out of the tree/],
    ['is absolute', '/etc/passwd', /absolute path/],
    ['leads out through another', 'up/../../x', /leads out of the tree/],
  ])('with a link that %s is refused, and nothing is left', async (_title, target, message) => {
    await using dir = await testdir({...APP, 'deep/up': {link: '..'}, 'deep/bad': {link: target}});
    await using work = await testdir();
    const fault = await faultOf(openSource(parseSource(dir.path), {parent: work.path}));
    expect(fault).toMatchObject({code: 'SOURCE_UNSAFE_LINK', message: expect.stringMatching(message)});
    expect(fault.message).toContain('deep/bad');
    expect(readdirSync(work.path)).toEqual([]);
  });

  test('that is not there, or a file', async () => {
    await using dir = await testdir({file: ''});
    const faults = ['nothing', 'file'].map((name) => faultOf(openSource(parseSource(dir.at(name)))));
    expect(await Promise.all(faults)).toMatchObject([
      {code: 'SOURCE_MISSING', message: `there is no folder ${dir.at('nothing')}`},
      {
        code: 'SOURCE_MISSING',
        message: expect.stringContaining('is no folder, and has no name of a tarball'),
      },
    ]);
  });

  test.each(['x', 'x/y'])(
    'with a name that is not UTF-8 is refused, where the name stays out it is not: %s',
    async (path) => {
      await using dir = await testdir({...APP, '.gitignore': '*.bin\n'});
      const latin = Buffer.from(`${dir.path}/\xe4.bin`, 'latin1');
      if (path === 'x') await writeFile(latin, '');
      else {
        await mkdir(latin);
        await writeFile(Buffer.concat([latin, Buffer.from('/y')]), '');
      }
      expect(await faultOf(openSource(parseSource(dir.path)))).toMatchObject({
        code: 'SOURCE_UNSAFE_NAME',
        message: `"\ufffd.bin" in ${dir.path} has a name that is not UTF-8`,
      });
      await git(dir.path, 'init', '-q');
      await using checkout = await openSource(parseSource(dir.path));
      expect(await files(checkout)).not.toContain('\ufffd.bin');
    },
  );

  test('is not left half-copied when the step is aborted', async () => {
    const many = Object.fromEntries(Array.from({length: 400}, (_, index) => [`f${index}`, 'x']));
    await using dir = await testdir({...many, '.env': ''});
    await using work = await testdir();
    const controller = new AbortController();
    const reason = new Error('enough');
    const opening = openSource(parseSource(dir.path), {
      parent: work.path,
      signal: controller.signal,
      onEvent: () => controller.abort(reason),
    });
    await expect(opening).rejects.toBe(reason);
    expect(readdirSync(work.path)).toEqual([]);
  });
});

describe('a git work tree', () => {
  test('gives what is tracked, and what is new and not ignored; with its revision', async () => {
    await using dir = await repository({...APP, '.gitignore': 'dist/\n*.log\n.npmrc\n', 'gone.js': ''});
    const revision = await git(dir.path, 'rev-parse', 'HEAD');
    await git(dir.path, 'remote', 'add', 'origin', 'https://me:secret@git.example.com/app.git');
    {
      await using clean = await openSource(parseSource(dir.path));
      const {dirty, origin} = clean;
      expect({revision: clean.revision, origin, dirty}).toEqual({
        revision,
        origin: 'https://git.example.com/app.git',
        dirty: false,
      });
    }
    await dir.write({
      ...OUT,
      'new.js': 'n',
      'dist/app.js': '',
      'a.log': '',
      'src/a.js': 'edited',
      '.npmrc': 'registry=x',
    });
    await rm(dir.at('gone.js'));
    const status = await git(dir.path, 'status', '--porcelain');
    await using checkout = await openSource(parseSource(dir.path));
    expect(checkout).toMatchObject({revision, dirty: true});
    expect(await files(checkout)).toEqual(
      ['.gitignore', '.npmrc', 'bin/run', 'link', 'new.js', 'package.json', 'src/a.js'].sort(),
    );
    expect(await readFile(`${checkout.dir}/src/a.js`, 'utf8')).toBe('edited');
    expect(await git(dir.path, 'status', '--porcelain')).toBe(status);
  });

  test('gives a folder of a repository alone', async () => {
    await using dir = await repository({'apps/one/package.json': '{}', 'apps/two/package.json': '{}'});
    await using checkout = await openSource(parseSource(dir.at('apps/one')));
    expect(await files(checkout)).toEqual(['package.json']);
    expect(checkout.revision).toHaveLength(40);
  });
});

describe('a git repository', () => {
  test('gives the commit of a ref, without its history', async () => {
    await using remote = await gitRemote();
    await using dir = await repository({...FULL, 'node_modules/dep/index.js': 'tracked'});
    await git(dir.path, 'push', '--quiet', remote.url, 'main');
    await git(dir.path, 'tag', 'v1');
    await git(dir.path, 'push', '--quiet', remote.url, 'v1');
    const revision = await git(dir.path, 'rev-parse', 'HEAD');
    await dir.write({'src/a.js': 'later'});
    await git(dir.path, 'commit', '--quiet', '--all', '--message=second');
    await git(dir.path, 'push', '--quiet', remote.url, 'main');

    await using old = await openSource(parseSource(`${remote.url}#v1`));
    expect(old).toMatchObject({revision, dirty: false, from: {kind: 'git', url: remote.url, ref: 'v1'}});
    expect(old.origin).toBeUndefined();
    expect(await readFile(`${old.dir}/src/a.js`, 'utf8')).toBe('a');
    const kept = await files(old);
    expect(kept.filter((path) => !path.includes('node_modules'))).toEqual(
      KEPT.filter((path) => !path.includes('node_modules')),
    );
    await using latest = await openSource(parseSource(`${dir.path}#main`));
    expect(await readFile(`${latest.dir}/src/a.js`, 'utf8')).toBe('later');
  });

  test('that is not there says so, without credentials, and nothing is left', async () => {
    await using dir = await testdir();
    await using work = await testdir();
    const fault = await faultOf(openSource(parseSource(`${dir.path}/no.git`), {parent: work.path}));
    expect(fault.code).toMatch(/^GIT_/);
    expect(readdirSync(work.path)).toEqual([]);
  });

  test('with a link that leads out is refused', async () => {
    await using dir = await repository({...APP, bad: {link: '../../x'}});
    const fault = await faultOf(openSource(parseSource(`${dir.path}#main`)));
    expect(fault).toMatchObject({code: 'SOURCE_UNSAFE_LINK'});
  });
});

describe('a tarball', () => {
  test("of npm's", async () => {
    await using dir = await testdir({
      ...APP,
      'package.json': '{"name": "app", "version": "1.0.0"}',
      '.env': 'SECRET=1',
    });
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts'], {cwd: dir.path});
    await using checkout = await openSource(parseSource(dir.at('app-1.0.0.tgz')));
    expect(await files(checkout)).toEqual(['bin/run', 'package.json', 'src/a.js']);
    expect(checkout.revision).toBeUndefined();
  });

  test('that is a built archive brings its revision, and is a package again', async () => {
    await using dir = await testdir({'app/package.json': '{}', 'app/dist/a.js': ''});
    const source = {revision: 'f'.repeat(40), origin: 'https://git.example.com/app.git', dirty: false};
    const archive = await writeArchive(dir.at('app'), {
      to: dir.at('app.tgz'),
      facts: {
        name: 'app',
        version: '1.0.0',
        source,
        builder: 'test',
        node: {version: '20.19.0', abi: '115', platform: 'linux', arch: 'x64'},
        packageManager: {name: 'npm'},
        scripts: [],
        processTypes: [],
        required: [],
        addons: [],
      },
    });
    await using checkout = await openSource(parseSource(archive.path));
    expect(checkout).toMatchObject(source);
    expect(await files(checkout)).toEqual(['dist/a.js', 'package.json']);
  });

  test('that is damaged, and one that is not there', async () => {
    await using dir = await testdir({'bad.tgz': 'x'.repeat(600)});
    await using work = await testdir();
    expect(await faultOf(openSource(parseSource(dir.at('bad.tgz')), {parent: work.path}))).toMatchObject({
      code: 'ARCHIVE_CORRUPT',
    });
    expect(await faultOf(openSource(parseSource(dir.at('no.tgz')), {parent: work.path}))).toMatchObject({
      code: 'ARCHIVE_MISSING',
    });
    expect(readdirSync(work.path)).toEqual([]);
  });
});

test('a folder brings along what is asked for although git ignores it, and tells of the rest when asked to', async () => {
  await using dir = await testdir({
    ...FULL,
    '.gitignore': 'dist\nnode_modules\n',
    'dist/site.css': '',
    'dist/.env': '',
    'packages/x/dist/x.js': '',
  });
  await git(dir.path, 'init', '--quiet');
  const told = async (explain: boolean) => {
    const events: Excluded[] = [];
    const options = {include: (path: string) => path.startsWith('dist/'), explain};
    await using checkout = await openSource(
      {kind: 'directory', path: dir.path},
      {...options, onEvent: (event) => void (event.type === 'source:excluded' && events.push(event))},
    );
    expect(await files(checkout)).toEqual(
      [...KEPT.filter((path) => !path.startsWith('src/node_modules')), '.gitignore', 'dist/site.css'].sort(),
    );
    return events.map(({path, because}) => `${path}: ${because}`).sort();
  };
  const usual = await told(false);
  expect(usual).toHaveLength(4);
  expect(await told(true)).toEqual(
    [
      ...usual,
      'node_modules: dependencies are installed anew',
      'packages/x/dist: git ignores it',
      'packages/x/node_modules: dependencies are installed anew',
      'src/node_modules: git ignores it',
    ].sort(),
  );
});

test('a folder brings the files of its git submodules along, also of those in a submodule', async () => {
  await using inner = await repository({'deep.txt': 'deep'});
  await using library = await repository({'lib.js': 'lib', '.gitignore': 'ignored.txt\n'});
  await using dir = await repository({'package.json': '{"name": "app"}'});
  const add = (at: string, from: string, to: string) =>
    git(at, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', from, to);
  await add(library.path, inner.path, 'inner');
  await git(library.path, 'commit', '--quiet', '--message=inner');
  await add(dir.path, library.path, 'vendor/library');
  await git(
    dir.path,
    '-c',
    'protocol.file.allow=always',
    'submodule',
    '--quiet',
    'update',
    '--init',
    '--recursive',
  );
  await git(dir.path, 'commit', '--quiet', '--message=library');
  await dir.write({'vendor/library/new.js': 'new', 'vendor/library/ignored.txt': ''});

  const own = ['.gitmodules', 'package.json'];
  const modules = ['.gitignore', '.gitmodules', 'inner/deep.txt', 'lib.js'].map(
    (path) => `vendor/library/${path}`,
  );
  await using folder = await openSource({kind: 'directory', path: dir.path});
  expect(await files(folder)).toEqual([...own, ...modules, 'vendor/library/new.js'].sort());
  expect(folder.dirty).toBe(true);
});

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;

test('a pointer of git LFS is refused by name, of a repository and of a work tree, and is nothing special elsewhere', async () => {
  await using dir = await repository({...APP, 'img/big.png': POINTER});
  for (const source of [`${dir.path}#main`, dir.path]) {
    const fault = await faultOf(openSource(parseSource(source)));
    expect(fault).toMatchObject({
      code: 'SOURCE_LFS_POINTER',
      message: expect.stringContaining('img/big.png'),
    });
    expect(fault.hint).toContain('git-lfs');
  }
  await using plain = await testdir({...APP, 'img/big.png': POINTER});
  await using checkout = await openSource(parseSource(plain.path));
  expect(await files(checkout)).toContain('img/big.png');
});

describe('a ref of a repository', () => {
  test.each([
    ['semver:^1.2', 'v1.10.0'],
    ['semver:~1.2.0', '1.2.3'],
    ['semver:2.x', 'v2.0.0'],
    ['semver:*', 'v2.0.0'],
  ])('%s is the highest version among its tags', async (ref, tag) => {
    await using dir = await repository(APP);
    for (const one of ['v1.10.0', 'v1.9.9', '1.2.3', 'v2.0.0', 'v3.0.0-rc.1', 'other']) {
      await dir.write({'src/a.js': one});
      await git(dir.path, 'commit', '--quiet', '--all', `--message=${one}`);
      await git(dir.path, 'tag', ...(one === 'v2.0.0' ? ['-a', '-m', 'x'] : []), one);
    }
    await using checkout = await openSource(parseSource(`${dir.path}#${ref}`));
    expect(await readFile(`${checkout.dir}/src/a.js`, 'utf8')).toBe(tag);
    const fault = await faultOf(openSource(parseSource(`${dir.path}#semver:^9`)));
    expect(fault).toMatchObject({code: 'SOURCE_MISSING', message: expect.stringContaining('^9')});
  });

  test('may be a short hash, and a commit that no branch names any more', async () => {
    await using dir = await repository(APP);
    const first = await git(dir.path, 'rev-parse', 'HEAD');
    await dir.write({'src/a.js': 'later'});
    await git(dir.path, 'commit', '--quiet', '--all', '--message=second');
    for (const ref of [first.slice(0, 8), first]) {
      await using checkout = await openSource(parseSource(`${dir.path}#${ref}`));
      expect(checkout.revision).toBe(first);
    }
    const fault = await faultOf(openSource(parseSource(`${dir.path}#${'0'.repeat(12)}`)));
    expect(fault.code).toBe('GIT_NOT_FOUND');
  });
});
