import {readFileSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import type {StepOptions} from '@keelson/step';
import type {Archive} from './archive.ts';
import type {ArchiveEntry, StoredManifest} from './archive-manifest.ts';
import {ArchiveFault} from './fault.ts';
import {MANIFEST_BYTES, MANIFEST_NAME, parseManifest, summaryOf} from './stored-manifest.ts';

/**
 * Opens a tarball, of which only the first entry is read, or a folder that holds `keelson.json`. What it says is consistent in
 * itself; whether the rest of the archive is so, `verifyArchive` and `extractArchive` tell.
 * Faults: ARCHIVE_MISSING, ARCHIVE_NOT_BUILT, ARCHIVE_CORRUPT, ARCHIVE_DIGEST.
 */
export async function openArchive(path: string, options: StepOptions = {}): Promise<Archive> {
  const absolute = resolve(path);
  const stats = statSync(absolute, {throwIfNoEntry: false});
  if (stats === undefined) throw new ArchiveFault('ARCHIVE_MISSING', `there is no ${absolute}`);
  const form = stats.isDirectory() ? 'directory' : 'file';
  const manifest = await readManifest({path: absolute, form}, options);
  const {contents, digest} = manifest;
  const bytes = form === 'directory' ? contents.bytes : stats.size;
  return {kind: 'archive', form, path: absolute, digest, bytes, manifest: summaryOf(manifest)};
}

/**
 * The archive that a path, or the JSON value of an archive (`keelson build --json`), names; opened, because a value that came
 * through a pipe proves nothing. Faults: as openArchive; ARCHIVE_DIGEST when it is no longer the one that the value says.
 */
export async function resolveArchive(value: unknown, options: StepOptions = {}): Promise<Archive> {
  if (typeof value === 'string') return openArchive(value, options);
  const {kind, path, digest} = (typeof value === 'object' && value !== null ? value : {}) as Partial<Archive>;
  if (kind !== 'archive' || typeof path !== 'string')
    throw new ArchiveFault('ARCHIVE_MISSING', 'the value on stdin is no archive', {
      hint: 'Pipe in what `keelson build --json` prints.',
    });
  const archive = await openArchive(path, options);
  if (archive.digest !== digest)
    throw new ArchiveFault(
      'ARCHIVE_DIGEST',
      `${path} has the digest ${archive.digest}, and not ${String(digest)} any more`,
    );
  return archive;
}

/** What an archive holds: the list that `archive.manifest` leaves out. Faults: as openArchive. */
export async function readEntries(archive: Archive, options: StepOptions = {}): Promise<ArchiveEntry[]> {
  return [...(await readManifest(archive, options)).entries];
}

/** Whether a folder is a built archive: has `keelson.json`. */
export async function isBuilt(dir: string): Promise<boolean> {
  return statSync(join(dir, MANIFEST_NAME), {throwIfNoEntry: false})?.isFile() === true;
}

type Place = Pick<Archive, 'path' | 'form'>;

/** The whole `keelson.json` of an archive. */
export async function readManifest(place: Place, options: StepOptions): Promise<StoredManifest> {
  return parseManifest(await readManifestText(place, options), place.path);
}

/** The text of it. */
export async function readManifestText({path, form}: Place, options: StepOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const text = form === 'directory' ? textOfFolder(path) : await textOfTarball(path, options);
  if (text !== undefined) return text;
  throw new ArchiveFault(
    'ARCHIVE_NOT_BUILT',
    `${path} is not a built archive: it does not begin with ${MANIFEST_NAME}`,
    {
      hint: `Build one: keelson build ${path}`,
    },
  );
}

function textOfFolder(path: string): string | undefined {
  const file = join(path, MANIFEST_NAME);
  const stats = statSync(file, {throwIfNoEntry: false});
  if (stats?.isFile() !== true) return undefined;
  if (stats.size > MANIFEST_BYTES) throw tooLarge(path);
  return readFileSync(file, 'utf8');
}

async function textOfTarball(path: string, {signal}: StepOptions): Promise<string | undefined> {
  const {ENOUGH, readTarball} = await import('./read-tarball.ts');
  const chunks: Buffer[] = [];
  let text: string | undefined;
  const consumer = {
    entry({kind, name, size}: {kind: string; name: string; size: number}) {
      if (kind !== 'file' || !/^[^/]+\/keelson\.json$/.test(name)) throw ENOUGH;
      if (size > MANIFEST_BYTES) throw tooLarge(path);
    },
    bytes: (chunk: Buffer) => void chunks.push(Buffer.from(chunk)),
    complete() {
      text = Buffer.concat(chunks).toString('utf8');
      throw ENOUGH;
    },
  };
  await readTarball(path, consumer, {signal});
  return text;
}

function tooLarge(path: string): ArchiveFault {
  return new ArchiveFault(
    'ARCHIVE_TOO_LARGE',
    `${MANIFEST_NAME} of ${path} has more than ${MANIFEST_BYTES} bytes`,
  );
}
