import {lstatSync, statSync} from 'node:fs';
import {rename} from 'node:fs/promises';
import {basename, dirname, join, resolve} from 'node:path';
import {syncDirectory, temporaryDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import {formatOfName, type ArchiveFormat} from './archive-format.ts';
import {DEFAULT_LIMITS, type ArchiveLimits} from './archive-limits.ts';
import type {ManifestFacts} from './archive-manifest.ts';
import {whyExcluded} from './exclusions.ts';
import {ArchiveFault} from './fault.ts';
import type {PackEvent} from './pack/pack-order.ts';
import {requireWritable} from './require-writable.ts';
import {MANIFEST_NAME} from './stored-manifest.ts';
import {walkTree, type FoundTree} from './walk-tree.ts';
import {withPlace} from './with-place.ts';

export type WriteEvent =
  | {readonly type: 'archive:excluded'; readonly path: string; readonly because: string}
  | PackEvent;

export interface SegmentCacheOptions {
  /** A folder of the caller's own; made when it is not there. */
  readonly dir: string;
  /** Reads every file all the same, and packs anew what is not what the cache says. Default false. */
  readonly verify?: boolean | undefined;
  /** What was not used for longest goes when there is more. Default 1 GiB. */
  readonly maxBytes?: number | undefined;
}

export interface ArchiveTarget {
  readonly facts: ManifestFacts;
  /** `.tgz` or `.tar.gz` for gzip, `.tar.zst` or `.tzst` for zstd, `.tar` for neither. Its folder must exist; a file is replaced. */
  readonly to: string;
  /** Says why a path (of a file or a folder) stays out, beside what always stays out. */
  readonly exclude?: ((path: string) => string | undefined) | undefined;
  /** The time of every entry (SOURCE_DATE_EPOCH), in seconds since 1970. Default npm's, 1985-10-26T08:15:00Z. */
  readonly modifiedAt?: number | undefined;
  /** Of the compression: 1 to 9 for gzip, default 6; 1 to 19 for zstd, default 3. */
  readonly level?: number | undefined;
  /** What whoever unpacks it lets pass: nothing larger is packed. Default that of `extractArchive`. */
  readonly limits?: Partial<Pick<ArchiveLimits, 'entries' | 'bytes'>> | undefined;
  /** Where the compressed dependencies are kept for the next time; .tgz only. Default: nowhere. */
  readonly cache?: SegmentCacheOptions | undefined;
}

// npm/npm#20027: zip and Docker do not take times before 1980.
const MODIFIED_AT = 499_162_500;
/** What a tar header can hold: the year 2242. */
const LATEST = 8 ** 11 - 1;
const CACHE_BYTES = 1024 ** 3;
/** `keelson.json`, also where names are folded. */
const RESERVED = /^keelson\.json(\/|$)/i;

/**
 * Packs a folder: `keelson.json` first, then the dependencies, then the app, below `package/`. The same tree gives the same bytes, with
 * and without a cache. Out stay `.git`, `.env*` but `.env.example` and the like, editors' leavings, and what changes
 * with every install; an event says which. Complete or not there at all.
 * Faults: ARCHIVE_UNSAFE_ENTRY, ARCHIVE_TOO_LARGE, ARCHIVE_RESERVED_NAME, ARCHIVE_CHANGED, ARCHIVE_MISSING, ARCHIVE_DESTINATION,
 * ARCHIVE_OPTION, ARCHIVE_NO_ZSTD.
 */
export async function writeArchive(
  dir: string,
  target: ArchiveTarget,
  options: StepOptions<WriteEvent> = {},
): Promise<Archive> {
  const {signal, onEvent} = options;
  signal?.throwIfAborted();
  const {path, format} = checkTarget(target.to);
  requireNumbers(target, format);
  requireFolder(dir);
  const tree = await walkTree(dir, {
    signal,
    exclude: (entry) => whyExcluded(entry) ?? target.exclude?.(entry),
    onExcluded: (entry, because) => onEvent?.({type: 'archive:excluded', path: entry, because}),
  });
  requireUnreserved(dir, tree);

  // Everything is made beside `path` and renamed, so that nobody ever sees half of it.
  const folder = dirname(path);
  await using work = await temporaryDirectory({parent: folder, prefix: '.keelson-tmp-'});
  const {packTree} = await import('./pack/pack-tree.ts');
  const {manifest, ...written} = await packTree(
    {
      root: resolve(dir),
      tree,
      facts: target.facts,
      work: work.path,
      file: basename(path),
      format,
      level: target.level,
      modifiedAt: target.modifiedAt ?? MODIFIED_AT,
      cache: target.cache && cacheOrder(target.cache),
      limits: {...DEFAULT_LIMITS, ...target.limits},
    },
    options,
  ).catch((error: unknown) => {
    throw withPlace(error, path);
  });
  signal?.throwIfAborted();
  await rename(join(work.path, basename(path)), path);
  await syncDirectory(folder);
  return {kind: 'archive', form: 'file', path, digest: manifest.digest, ...written, manifest};
}

/** Whether an archive can be written there, said before the work is done. Faults: ARCHIVE_DESTINATION. */
export function checkTarget(to: string): {readonly path: string; readonly format: ArchiveFormat} {
  const path = resolve(to);
  const format = formatOfName(path);
  if (format === undefined)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is no name of an archive`, {
      hint: 'End it in .tgz, .tar.gz, .tar.zst or .tar.',
    });
  if (lstatSync(path, {throwIfNoEntry: false})?.isDirectory() === true)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${path} is a folder`);
  if (statSync(dirname(path), {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new ArchiveFault('ARCHIVE_DESTINATION', `there is no folder ${dirname(path)}`);
  requireWritable(dirname(path));
  return {path, format};
}

function requireFolder(dir: string): void {
  if (lstatSync(dir, {throwIfNoEntry: false})?.isDirectory() !== true)
    throw new ArchiveFault('ARCHIVE_MISSING', `${dir} is not a folder`);
}

function requireUnreserved(dir: string, tree: FoundTree): void {
  if (tree.entries.some(({path}) => RESERVED.test(path)))
    throw new ArchiveFault(
      'ARCHIVE_RESERVED_NAME',
      `${dir} has a ${MANIFEST_NAME}, which an archive needs for itself`,
      {
        hint: 'Rename the file; or, if this folder is an unpacked archive, it is built already.',
      },
    );
}

function requireNumbers({level, modifiedAt, cache}: ArchiveTarget, format: ArchiveFormat): void {
  const check = (name: string, value: number | undefined, [least, most]: readonly [number, number]) => {
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
    throw new ArchiveFault('ARCHIVE_OPTION', `${name} is ${value}, no whole number from ${least} to ${most}`);
  };
  check('the level of compression', level, [1, format === 'zstd' ? 19 : 9]);
  check('the time of the entries (SOURCE_DATE_EPOCH)', modifiedAt, [0, LATEST]);
  check('the size of the cache', cache?.maxBytes, [0, Number.MAX_SAFE_INTEGER]);
}

function cacheOrder({dir, verify = false, maxBytes = CACHE_BYTES}: SegmentCacheOptions) {
  return {dir: resolve(dir), verify, maxBytes};
}
