import {createHash} from 'node:crypto';
import {lstatSync, statSync} from 'node:fs';
import {open, rename} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {syncDirectory, temporaryDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {Digest, ManifestFacts} from './archive-manifest.ts';
import {whyExcluded} from './exclusions.ts';
import {ArchiveFault} from './fault.ts';
import {gzipBytes, inBlocks} from './gzip-bytes.ts';
import {scanTree, type ScannedTree} from './scan-tree.ts';
import {formatManifest, MANIFEST_NAME, storedManifestOf, summaryOf} from './stored-manifest.ts';

export type WriteEvent =
  | {readonly type: 'archive:excluded'; readonly path: string; readonly because: string}
  | {readonly type: 'archive:packed'; readonly done: number; readonly total: number};

export interface ArchiveTarget {
  readonly facts: ManifestFacts;
  /** `.tgz` or `.tar.gz` is compressed, `.tar` is not. Its folder must exist; a file there is replaced. */
  readonly to: string;
  /** Says why a path (of a file or a folder) stays out, beside what always stays out. */
  readonly exclude?: ((path: string) => string | undefined) | undefined;
  /** The time of every entry (SOURCE_DATE_EPOCH), in seconds since 1970. Default npm's, 1985-10-26T08:15:00Z. */
  readonly modifiedAt?: number | undefined;
}

// npm/npm#20027: zip and Docker do not take times before 1980.
const MODIFIED_AT = 499_162_500;
const BLOCK = 1024 * 1024;

/**
 * Packs a folder: `keelson.json` first, then everything sorted, below `package/`. The same tree gives the same bytes.
 * Out stay `.git`, `.env*` but `.env.example` and `.env.sample`, `.npmrc` files that hold credentials, editors' leavings, and what
 * changes with every install; an event says which. Complete or not there at all.
 * Faults: ARCHIVE_UNSAFE_ENTRY, ARCHIVE_RESERVED_NAME, ARCHIVE_CHANGED, ARCHIVE_MISSING, ARCHIVE_DESTINATION.
 */
export async function writeArchive(
  dir: string,
  target: ArchiveTarget,
  options: StepOptions<WriteEvent> = {},
): Promise<Archive> {
  const {signal, onEvent} = options;
  signal?.throwIfAborted();
  const {path, compressed} = checkTarget(target.to);
  requireFolder(dir);
  const tree = await scanTree(dir, {
    signal,
    exclude: (entry) => whyExcluded(entry) ?? target.exclude?.(entry),
    onExcluded: (entry, because) => onEvent?.({type: 'archive:excluded', path: entry, because}),
    hideCredentials: true,
  });
  requireUnreserved(dir, tree);
  const manifest = storedManifestOf(target.facts, tree);

  const {tarBytes} = await import('./tar-bytes.ts');
  const first = {name: MANIFEST_NAME, text: formatManifest(manifest)};
  const modifiedAt = target.modifiedAt ?? MODIFIED_AT;
  const blocks = counted(
    inBlocks(tarBytes({root: dir, tree, first, modifiedAt, signal}), BLOCK),
    tree,
    options,
  );
  const written = await writeWhole(path, compressed ? gzipBytes(blocks) : blocks);
  return {
    kind: 'archive',
    form: 'file',
    path,
    digest: manifest.digest,
    ...written,
    manifest: summaryOf(manifest),
  };
}

/** Whether an archive can be written there, said before the work is done. Faults: ARCHIVE_DESTINATION. */
export function checkTarget(to: string): {readonly path: string; readonly compressed: boolean} {
  const path = resolve(to);
  const compressed = /\.(tgz|tar\.gz)$/.test(path);
  if (!compressed && !path.endsWith('.tar'))
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is no name of an archive`, {
      hint: 'End it in .tgz, .tar.gz or .tar.',
    });
  if (lstatSync(path, {throwIfNoEntry: false})?.isDirectory() === true)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is a folder`);
  if (statSync(dirname(path), {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `there is no folder ${dirname(path)}`);
  return {path, compressed};
}

function requireFolder(dir: string): void {
  if (lstatSync(dir, {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new ArchiveFault('ARCHIVE_MISSING', `${dir} is not a folder`);
}

function requireUnreserved(dir: string, tree: ScannedTree): void {
  if (tree.entries.some(({path}) => path.split('/')[0]!.toLowerCase() === MANIFEST_NAME))
    throw new ArchiveFault(
      'ARCHIVE_RESERVED_NAME',
      `${dir} has a ${MANIFEST_NAME}, which an archive needs for itself`,
      {
        hint: 'Rename the file; or, if this folder is an unpacked archive, it is built already.',
      },
    );
}

async function* counted(
  blocks: AsyncIterable<Uint8Array>,
  tree: ScannedTree,
  {signal, onEvent}: StepOptions<WriteEvent>,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const block of blocks) {
    signal?.throwIfAborted();
    yield block;
    done += block.length;
    onEvent?.({type: 'archive:packed', done: Math.min(done, tree.bytes), total: tree.bytes});
  }
}

/** Writes beside `path` and renames, so that nobody ever sees half of it. */
async function writeWhole(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<{bytes: number; fileDigest: Digest}> {
  const folder = dirname(path);
  await using work = await temporaryDirectory({parent: folder, prefix: '.keelson-tmp-'});
  const temporary = join(work.path, basename(path));
  const sum = createHash('sha256');
  let bytes = 0;
  const file = await open(temporary, 'wx', 0o644);
  try {
    for await (const chunk of chunks) {
      sum.update(chunk);
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
      bytes += chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(folder);
  return {bytes, fileDigest: `sha256-${sum.digest('hex')}`};
}
