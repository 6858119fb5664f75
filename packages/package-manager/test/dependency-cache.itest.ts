import {execFileSync} from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {
  install,
  packageManagerVersion,
  prune,
  returnInstalled,
  type DependencyCache,
} from '@keelson/package-manager';
import {describeWith, testdir, type TestDirectory} from '@keelson/test-kit';
import {fetched} from './fetched.ts';

// yarn 1 takes a tarball of the same name and version out of its cache, whatever is in it: these names are used nowhere else.
/** An app with a dependency and a devDependency that has a program, all from this disk, and its lockfile. */
async function template(lock: readonly [string, ...string[]]): Promise<TestDirectory> {
  const dir = await testdir({
    'dep/package.json': '{"name": "kept-dep", "version": "1.0.0"}',
    'dep/index.js': 'module.exports = 1;\n',
    'dev/package.json': '{"name": "kept-dev", "version": "1.0.0", "bin": "cli.js"}',
    'dev/cli.js': {mode: 0o755, content: '#!/usr/bin/env node\n'},
    '@scope/other/package.json': '{"name": "@scope/other", "version": "1.0.0"}',
    'app/package.json': JSON.stringify({
      name: 'app',
      version: '1.0.0',
      dependencies: {'kept-dep': 'file:../kept-dep-1.0.0.tgz'},
      devDependencies: {
        'kept-dev': 'file:../kept-dev-1.0.0.tgz',
        '@scope/other': 'file:../scope-other-1.0.0.tgz',
      },
    }),
  });
  for (const name of ['dep', 'dev', '@scope/other'])
    execFileSync('npm', ['pack', '--silent', '--pack-destination', dir.path], {cwd: dir.at(name)});
  const [program, ...args] = lock;
  execFileSync(program, args, {cwd: dir.at('app'), env: process.env, stdio: 'pipe'});
  return dir;
}

/** Path → mode and content (or link target) of everything installed, but for what every installation writes anew. */
function installed(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(join(dir, 'node_modules'), {recursive: true, withFileTypes: true})) {
    if (/^(\.modules\.yaml|\.pnpm-workspace-state.*|\.yarn-integrity)$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile())
      found[path.slice(dir.length)] = `${statSync(path).mode & 0o777} ${readFileSync(path, 'utf8')}`;
    if (entry.isSymbolicLink()) found[path.slice(dir.length)] = 'link';
  }
  return found;
}

/** A checkout of the app beside the others, so that `file:../` holds. */
function checkout(dir: TestDirectory, name: string): string {
  mkdirSync(dir.at(name));
  for (const file of readdirSync(dir.at('app')))
    if (file !== 'node_modules') cpSync(dir.at(`app/${file}`), dir.at(`${name}/${file}`));
  return dir.at(name);
}

async function cacheIn(dir: TestDirectory): Promise<DependencyCache> {
  return {folder: dir.at('cache'), version: await packageManagerVersion(dir.at('app'))};
}

/** Without PATH no package manager can be started. */
async function withoutPrograms<T>(work: () => Promise<T>): Promise<T> {
  const {PATH} = process.env;
  process.env['PATH'] = '/nowhere';
  try {
    return await work();
  } finally {
    process.env['PATH'] = PATH;
  }
}

const MANAGERS: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ['npm', ['npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']],
  [fetched('pnpm@12.21.0', 'pnpm'), ['pnpm', 'install', '--lockfile-only']],
  [fetched('yarn@1.22.22', 'yarn'), ['yarn', 'install', '--ignore-scripts']],
];

for (const [program, lock] of MANAGERS)
  describeWith([program], `the cache of installed trees, ${program}`, () => {
    test('gives the second build the tree of the first, pruned too, without the package manager', async () => {
      await using dir = await template(lock);
      const cache = await cacheIn(dir);
      const [first, second, plain] = ['first', 'second', 'plain'].map((name) => checkout(dir, name)) as [
        string,
        string,
        string,
      ];
      await install(plain);
      expect(await install(first, {cache})).toBe(false);
      expect(installed(first)).toEqual(installed(plain));
      await prune(first, {cache});
      await prune(plain);
      expect(installed(first)).toEqual(installed(plain));

      await withoutPrograms(async () => {
        expect(await install(second, {cache})).toBe(true);
        await prune(second, {cache});
      });
      expect(installed(second)).toEqual(installed(plain));
      expect(Object.keys(installed(second)).some((path) => path.includes('/kept-dev/'))).toBe(false);
    });

    test('what a build script does to a tree stays in that build, and survives its pruning', async () => {
      await using dir = await template(lock);
      const cache = await cacheIn(dir);
      const first = checkout(dir, 'first');
      await install(first, {cache});
      appendFileSync(join(first, 'node_modules/kept-dep/index.js'), '// patched\n');
      mkdirSync(join(first, 'node_modules/.generated'));
      appendFileSync(join(first, 'node_modules/.generated/client.js'), '// made\n');
      await prune(first, {cache});
      expect(readFileSync(join(first, 'node_modules/kept-dep/index.js'), 'utf8')).toContain('patched');
      expect(existsSync(join(first, 'node_modules/.generated/client.js'))).toBe(true);

      const second = checkout(dir, 'second');
      expect(await install(second, {cache})).toBe(true);
      await prune(second, {cache});
      expect(readFileSync(join(second, 'node_modules/kept-dep/index.js'), 'utf8')).not.toContain('patched');
      expect(existsSync(join(second, 'node_modules/.generated'))).toBe(false);
    });

    test('moves the trees in and out, and puts back what a build has changed, removed and added', async () => {
      await using dir = await template(lock);
      const cache = await cacheIn(dir);
      const [plain, first, second, third, fourth] = ['plain', 'first', 'second', 'third', 'fourth'].map(
        (name) => checkout(dir, name),
      ) as [string, string, string, string, string];
      await install(plain);
      // The first tree of pnpm shares its files with pnpm's store; a spare never does.
      const filling = checkout(dir, 'filling');
      await install(filling, {cache});
      await returnInstalled(filling, {cache});
      await install(first, {cache});
      await prune(first, {cache});
      expect(statSync(join(first, 'node_modules/kept-dep/package.json')).nlink).toBe(1);
      const inode = (folder: string) => statSync(join(folder, 'node_modules/kept-dep/package.json')).ino;
      const before = inode(first);
      await returnInstalled(first, {cache});
      expect(existsSync(join(first, 'node_modules'))).toBe(false);

      await withoutPrograms(async () => {
        expect(await install(second, {cache})).toBe(true);
        expect(inode(second)).toBe(before);
        expect(installed(second)).toEqual(installed(plain));
        // Meanwhile another build gets a copy, of which nothing is left when it is done.
        await install(third, {cache});
        expect(inode(third)).not.toBe(before);
        expect(installed(third)).toEqual(installed(plain));

        const changed = join(second, 'node_modules/kept-dep/index.js');
        const {atime, mtime} = statSync(changed);
        writeFileSync(changed, readFileSync(changed, 'utf8').replace('1', '2'));
        utimesSync(changed, atime, mtime);
        rmSync(join(second, 'node_modules/kept-dev/cli.js'));
        mkdirSync(join(second, 'node_modules/.cache/deep'), {recursive: true});
        writeFileSync(join(second, 'node_modules/.cache/deep/x'), 'x');
        await prune(second, {cache});
        mkdirSync(join(second, 'node_modules/kept-dev'), {recursive: true}); // made again, after it was pruned
        await returnInstalled(second, {cache});
        await returnInstalled(third, {cache});

        expect(await install(fourth, {cache})).toBe(true);
        expect(inode(fourth)).toBe(before);
        expect(installed(fourth)).toEqual(installed(plain));
        expect(existsSync(join(fourth, 'node_modules/.cache'))).toBe(false);
        await prune(fourth, {cache});
      });
      await prune(plain);
      expect(installed(fourth)).toEqual(installed(plain));
    });

    test('a link that a build has put in the place of a folder leads nobody out', async () => {
      await using dir = await template(lock);
      const cache = await cacheIn(dir);
      const [first, second] = [checkout(dir, 'first'), checkout(dir, 'second')];
      await install(first, {cache});
      const tree = installed(first);
      await dir.write({'outside/kept-dep/index.js': 'mine', 'outside/index.js': 'mine'});
      rmSync(join(first, 'node_modules/kept-dep'), {recursive: true});
      symlinkSync(dir.at('outside'), join(first, 'node_modules/kept-dep'));
      await returnInstalled(first, {cache});
      expect(await install(second, {cache})).toBe(true);
      expect(installed(second)).toEqual(tree);

      rmSync(join(second, 'node_modules'), {recursive: true});
      symlinkSync(dir.at('outside'), join(second, 'node_modules'));
      await returnInstalled(second, {cache});
      expect(await dir.read('outside/kept-dep/index.js')).toBe('mine');
      expect(await dir.read('outside/index.js')).toBe('mine');
      const third = checkout(dir, 'third');
      expect(await install(third, {cache})).toBe(true);
      expect(installed(third)).toEqual(tree);
    });

    test('another lockfile, and an installation for production alone, are other trees', async () => {
      await using dir = await template(lock);
      const cache = await cacheIn(dir);
      await install(checkout(dir, 'first'), {cache});
      expect(await install(checkout(dir, 'second'), {cache, production: true})).toBe(false);
      const third = checkout(dir, 'third');
      const [lockfile] = readdirSync(third).filter((name) => name.includes('lock'));
      appendFileSync(join(third, lockfile!), '\n');
      expect(await install(third, {cache})).toBe(false);
      expect(readdirSync(cache.folder).filter((name) => name.startsWith('.'))).toEqual([]);
    });
  });

describeWith(['npm'], 'a spare tree in the cache', () => {
  test.each([
    ['is written to while nobody has it', 'trees/node_modules/kept-dep/index.js', 'changed\n'],
    ['has lost its note', 'note.json', '{"folders": ['],
    ['has a note of something else', 'note.json', '{}'],
  ])('that %s gives the tree that was installed', async (_title, path, content) => {
    await using dir = await template(MANAGERS[0]![1]);
    const cache = await cacheIn(dir);
    const [first, second, third] = ['first', 'second', 'third'].map((name) => checkout(dir, name)) as [
      string,
      string,
      string,
    ];
    await install(first, {cache});
    const tree = installed(first);
    await returnInstalled(first, {cache});
    const [entry] = readdirSync(cache.folder);
    writeFileSync(join(cache.folder, entry!, 'spare', path), content);
    for (const folder of [second, third]) {
      expect(await install(folder, {cache})).toBe(true);
      expect(installed(folder)).toEqual(tree);
      await returnInstalled(folder, {cache});
    }
  });
});

describeWith([fetched('pnpm@12.21.0', 'pnpm')], 'the cache of a workspace of pnpm', () => {
  test('holds the links between its packages, unless what they lead to has other programs', async () => {
    await using dir = await template(['true']);
    await dir.write({
      'app/pnpm-workspace.yaml': 'packages: [packages/*]\n',
      'app/packages/lib/package.json': '{"name": "lib", "version": "1.0.0", "bin": "cli.js"}',
      'app/packages/lib/cli.js': {mode: 0o755, content: '#!/usr/bin/env node\n'},
      'app/packages/web/package.json': JSON.stringify({
        name: 'web',
        version: '1.0.0',
        dependencies: {lib: 'workspace:*', 'kept-dep': 'file:../../../kept-dep-1.0.0.tgz'},
      }),
    });
    execFileSync('pnpm', ['install', '--lockfile-only'], {
      cwd: dir.at('app'),
      env: process.env,
      stdio: 'pipe',
    });
    expect(await dir.read('app/pnpm-lock.yaml')).toContain('link:../lib');
    const cache = await cacheIn(dir);
    const copy = (name: string) => {
      cpSync(dir.at('app'), dir.at(name), {recursive: true});
      return dir.at(name);
    };
    expect(await install(copy('first'), {cache})).toBe(false);
    const second = copy('second');
    expect(await withoutPrograms(() => install(second, {cache}))).toBe(true);
    for (const folder of ['', 'packages/web'])
      expect(installed(join(second, folder))).toEqual(installed(dir.at(join('first', folder))));
    expect(realpathSync(join(second, 'packages/web/node_modules/lib'))).toBe(
      realpathSync(join(second, 'packages/lib')),
    );

    const third = copy('third');
    rmSync(join(third, 'packages/lib/cli.js'));
    expect(await install(third, {cache})).toBe(false);
  });
});
