import {chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {dirname, join, relative, resolve, sep} from 'node:path';

// What a test makes, and what its programs make, has the modes that it was written for, whoever runs it. A test of another umask sets it.
process.umask(0o022);

/** Relative path → content; `{link}` is a symbolic link, `{mode, content}` a file with that mode, a path ending in `/` an empty folder. */
export type Tree = Readonly<
  Record<
    string,
    | string
    | Uint8Array
    | {readonly link: string}
    | {readonly mode: number; readonly content: string | Uint8Array}
  >
>;

export interface TestDirectory extends AsyncDisposable {
  /** Absolute and without symbolic links. */
  readonly path: string;
  /** Absolute path of something in it. */
  at(path: string): string;
  /** A file's text. */
  read(path: string): Promise<string>;
  /** Adds or replaces files. */
  write(tree: Tree): Promise<void>;
  /** Every file and link below (not folders), relative, sorted. */
  list(path?: string): Promise<string[]>;
}

/** A temporary directory with these files; gone (read-only parts too) when disposed. */
export async function testdir(tree: Tree = {}): Promise<TestDirectory> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'keelson-test-')));
  const at = (inside: string) => resolve(path, inside);
  const directory: TestDirectory = {
    path,
    at,
    read: (inside) => readFile(at(inside), 'utf8'),
    write: (more) => writeTree(path, more),
    list: (inside = '.') => listFiles(at(inside)),
    [Symbol.asyncDispose]: () => removeAnyway(path),
  };
  await directory.write(tree);
  return directory;
}

export async function writeTree(root: string, tree: Tree): Promise<void> {
  for (const [path, entry] of Object.entries(tree)) {
    const target = join(root, path);
    if (path.endsWith('/')) {
      await mkdir(target, {recursive: true});
      continue;
    }
    await mkdir(dirname(target), {recursive: true});
    if (typeof entry === 'string' || entry instanceof Uint8Array) await writeFile(target, entry);
    else if ('link' in entry) await symlink(entry.link, target);
    else {
      await writeFile(target, entry.content);
      await chmod(target, entry.mode);
    }
  }
}

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, {recursive: true, withFileTypes: true});
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

async function removeAnyway(path: string): Promise<void> {
  const remove = () => rm(path, {recursive: true, force: true, maxRetries: 5, retryDelay: 50});
  await remove().catch(async () => {
    await makeWritable(path);
    await remove();
  });
}

// Not root: what lies in a read-only folder cannot be removed before the folder is made writable.
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, {withFileTypes: true}))
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}
