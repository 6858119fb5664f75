import {execFileSync} from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from '@jest/globals';
import {
  detectPackageManager,
  install,
  packageManagerVersion,
  prune,
  returnInstalled,
  type DependencyCache,
} from '@keelson/package-manager';
import {testdir, type TestDirectory} from '@keelson/test-kit';

/** The command that writes a lockfile. */
export type Lock = readonly [program: string, ...args: string[]];

export const NPM: Lock = [
  'npm',
  'install',
  '--package-lock-only',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
];
export const PNPM: Lock = ['pnpm', 'install', '--lockfile-only'];
export const YARN: Lock = ['yarn', 'install', '--ignore-scripts'];

// yarn 1 takes a tarball of the same name and version out of its cache, whatever is in it: these names are used nowhere else.
const versions = new Map<string, string>();
const templates = new Map<string, Promise<TestDirectory>>();

/** An app with a dependency and a devDependency that has a program, all from this disk, and its lockfile, which is written once. */
export async function template(lock: Lock): Promise<TestDirectory> {
  const made = templates.get(lock[0]) ?? makeTemplate(lock);
  templates.set(lock[0], made);
  const dir = await testdir();
  cpSync((await made).path, dir.path, {recursive: true});
  return dir;
}

export async function removeTemplates(): Promise<void> {
  for (const made of templates.values()) await (await made)[Symbol.asyncDispose]();
}

async function makeTemplate(lock: Lock): Promise<TestDirectory> {
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
  const pack = ['pack', '--silent', '--pack-destination', '.', './dep', './dev', './@scope/other'];
  execFileSync('npm', pack, {cwd: dir.path});
  const [program, ...args] = lock;
  execFileSync(program, args, {cwd: dir.at('app'), env: process.env, stdio: 'pipe'});
  return dir;
}

/** Path → mode and content (or link target) of everything installed, but for what every installation writes anew. */
export function installed(dir: string): Record<string, string> {
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
export function checkout(dir: TestDirectory, name: string): string {
  mkdirSync(dir.at(name));
  for (const file of readdirSync(dir.at('app')))
    if (file !== 'node_modules') cpSync(dir.at(`app/${file}`), dir.at(`${name}/${file}`));
  return dir.at(name);
}

export async function cacheIn(dir: TestDirectory): Promise<DependencyCache> {
  const manager = await detectPackageManager(dir.at('app'));
  const version = versions.get(manager.name) ?? (await packageManagerVersion(dir.at('app'), {manager}));
  versions.set(manager.name, version);
  return {folder: dir.at('cache'), version};
}

/** Without PATH no package manager can be started. */
export async function withoutPrograms<T>(work: () => Promise<T>): Promise<T> {
  const {PATH} = process.env;
  process.env['PATH'] = '/nowhere';
  try {
    return await work();
  } finally {
    process.env['PATH'] = PATH;
  }
}

/** What matters most of it, for every manager. */
export function testMoves(lock: Lock): void {
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
}

export function testTheRest(lock: Lock): void {
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
}
