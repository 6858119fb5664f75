import {chmodSync, existsSync, lstatSync, readFileSync, readdirSync, readlinkSync} from 'node:fs';
import {createHash} from 'node:crypto';
import {dirname, join} from 'node:path';
import {findUnsafeLink, unpackTarball, whyExcluded, type Digest} from '@keelson/archive';
import {cloneTree, makeDirectory, removeTree} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import {PrepareFault} from './fault.ts';
import type {RawPackage} from './raw-package.ts';

const LOCKFILES = ['npm-shrinkwrap.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock'];

/**
 * Puts a package's own files into `dir` (missing or empty). Left out are history, configuration, what editors leave and, where a
 * lockfile says what to install, the `node_modules` it came with. Returns the digest of what is there, made as that of an archive.
 * Faults: PREPARE_UNSAFE_LINK, PREPARE_NO_APP, and those of unpackTarball.
 */
export async function unpackPackage(
  {form, path}: RawPackage,
  dir: string,
  options: StepOptions<{readonly done: number; readonly total: number}> = {},
): Promise<Digest> {
  const {signal, onEvent} = options;
  if (form === 'file') await unpackTarball(path, dir, {signal, onEvent});
  else {
    const locked = LOCKFILES.some((name) => existsSync(join(path, name)));
    await requireEmpty(dir);
    await makeDirectory(dirname(dir));
    const skip = (inside: string) => whyExcluded(inside) !== undefined || (locked && isModules(inside));
    await cloneTree(path, dir, {signal, skip});
    settleModes(dir);
  }
  if (!existsSync(join(dir, 'package.json')))
    throw new PrepareFault('PREPARE_NO_APP', `${path} has neither keelson.json nor package.json`);
  if (form === 'file' && LOCKFILES.some((name) => existsSync(join(dir, name))))
    await removeTree(join(dir, 'node_modules'));
  return digestOfTree(path, dir);
}

async function requireEmpty(dir: string): Promise<void> {
  if (!existsSync(dir) || readdirSync(dir).length === 0) return;
  throw new PrepareFault('PREPARE_NO_APP', `${dir} is not empty`, {hint: 'Choose a folder that is new.'});
}

function isModules(path: string): boolean {
  return path === 'node_modules' || path.endsWith('/node_modules');
}

/** As of an archive: folders 755, files 644 or 755, whatever the umask is and whatever else (set-user-ID) was said where it comes from. */
function settleModes(dir: string): void {
  chmodSync(dir, 0o755);
  for (const entry of readdirSync(dir, {withFileTypes: true})) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) settleModes(path);
    else if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Lines `path NUL mode NUL sha256-or-target LF`, sorted by the bytes of the path. */
function digestOfTree(source: string, dir: string): Digest {
  const links = new Map<string, string>();
  const lines: {readonly path: string; readonly line: string}[] = [];
  const walk = (folder: string) => {
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = join(folder, entry.name);
      const file = join(dir, path);
      if (entry.isDirectory()) walk(path);
      else if (entry.isSymbolicLink()) {
        const target = readlinkSync(file);
        links.set(path, target);
        lines.push({path, line: `${path}\0link\0${target}\n`});
      } else if (entry.isFile()) {
        const mode = (lstatSync(file).mode & 0o100) === 0 ? '644' : '755';
        const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
        lines.push({path, line: `${path}\0${mode}\0${sha256}\n`});
      }
    }
  };
  walk('');
  const unsafe = findUnsafeLink(links);
  if (unsafe !== undefined)
    throw new PrepareFault(
      'PREPARE_UNSAFE_LINK',
      `${source} holds the link ${JSON.stringify(unsafe.path)} to ${JSON.stringify(unsafe.target)}: ${unsafe.because}`,
      {hint: 'Replace it by what it leads to.'},
    );
  const hash = createHash('sha256');
  for (const {line} of lines.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))))
    hash.update(line);
  return `sha256-${hash.digest('hex')}`;
}
