import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  type Stats,
} from 'node:fs';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {describeWorkTree} from '@keelson/git';
import {isFault, type StepOptions} from '@keelson/step';
import type {Revision, SourceEvent} from '../checkout.ts';
import {SourceFault} from '../fault.ts';
import {isLfsPointer, refuseLfsPointers} from '../refuse-lfs-pointers.ts';
import {refuseUnsafeLinks} from '../refuse-unsafe-links.ts';
import {parentOf, sourceFiles, type SourceFilesOptions} from '../source-files.ts';

const COPY = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
const FILES_PER_TURN = 50;

/** Copies a folder's sources; files become 644 or 755. */
export async function openDirectory(
  {path: from}: {readonly path: string},
  dir: string,
  options: SourceFilesOptions,
): Promise<Revision> {
  const stats = statSync(from, {throwIfNoEntry: false});
  if (stats === undefined) throw new SourceFault('SOURCE_MISSING', `there is no folder ${from}`);
  if (!stats.isDirectory())
    throw new SourceFault('SOURCE_MISSING', `${from} is no folder, and has no name of a tarball`, {
      hint: 'Tarballs end with .tgz, .tar.gz, .tar or .tar.zst.',
    });
  const [files, revision] = await Promise.all([sourceFiles(from, options), revisionOf(from, options.signal)]);
  const pointers: string[] = [];
  const links = copyFiles({from, dir, pointers, ...options}, files);
  for (;;) {
    options.signal?.throwIfAborted();
    const {done, value} = links.next();
    if (done === true) {
      makeLinks(from, dir, value);
      if (revision.revision !== undefined) refuseLfsPointers(pointers);
      return revision;
    }
    await setImmediate();
  }
}

interface Copying extends StepOptions<SourceEvent> {
  readonly from: string;
  readonly dir: string;
  readonly pointers: string[];
}

/** Copies a few files at each turn; returns the links, path → target. */
function* copyFiles(
  {from, dir, pointers, onEvent}: Copying,
  files: readonly string[],
): Generator<void, Map<string, string>> {
  const links = new Map<string, string>();
  const made = new Set<string>();
  mkdirSync(dir);
  for (const [index, path] of files.entries()) {
    if (index % FILES_PER_TURN === FILES_PER_TURN - 1) yield;
    const folder = parentOf(path);
    if (!made.has(folder)) mkdirSync(join(dir, folder), {recursive: true});
    made.add(folder);
    const stats = lstatSync(join(from, path), {throwIfNoEntry: false});
    if (stats?.isSymbolicLink() === true) links.set(path, readlinkSync(join(from, path)));
    const because = stats && whyNoSource(stats);
    if (because !== undefined) onEvent?.({type: 'source:excluded', path, because});
    if (stats?.isFile() !== true) continue;
    copyFileSync(join(from, path), join(dir, path), COPY);
    if (isLfsPointer(join(from, path), stats.size)) pointers.push(path);
    chmodSync(join(dir, path), (stats.mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  return links;
}

/** What a running program has there, and nobody can copy. */
function whyNoSource(stats: Stats): string | undefined {
  if (stats.isFIFO()) return 'it is a named pipe';
  if (stats.isSocket()) return 'it is a socket';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'it is a device' : undefined;
}

function makeLinks(from: string, dir: string, links: ReadonlyMap<string, string>): void {
  refuseUnsafeLinks(links, from);
  for (const [path, target] of links) symlinkSync(target, join(dir, path));
}

async function revisionOf(dir: string, signal: AbortSignal | undefined): Promise<Revision> {
  try {
    const tree = await describeWorkTree(dir, {signal});
    if (tree === undefined) return {};
    const {revision, origin, dirty} = tree;
    return {revision, origin, dirty};
  } catch (error) {
    if (isFault(error) && error.code === 'GIT_MISSING') return {};
    throw error;
  }
}
