import {createHash, type Hash} from 'node:crypto';
import type {ArchiveEntry, FileEntry} from './archive-manifest.ts';
import {sha256} from './digest.ts';
import {sortByPath} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import type {EntrySink} from './safe-entries.ts';
import {MANIFEST_BYTES, MANIFEST_NAME} from './stored-manifest.ts';

/** Files of at most this many bytes are hashed in one go. */
const SMALL = 64 * 1024;

/** Hashes what passes, and hands it on to a place where it is written, if any. */
export interface TreeHash extends EntrySink {
  /** Sorted by path. */
  entries(links: ReadonlyMap<string, string>): ArchiveEntry[];
}

/** @param onManifest gets the text of `keelson.json`, which is not among the entries */
export function hashTree(sink?: EntrySink, onManifest?: (text: string) => void): TreeHash {
  const files: FileEntry[] = [];
  const chunks: Buffer[] = [];
  let file: {path: string; mode: '644' | '755'; size: number} | undefined;
  let sum: Hash | undefined;
  let small: Buffer | undefined;
  return {
    file(path, mode, size) {
      if (path === MANIFEST_NAME && size > MANIFEST_BYTES)
        throw new ArchiveFault('ARCHIVE_TOO_LARGE', `${path} has more than ${MANIFEST_BYTES} bytes`);
      file = {path, mode, size};
      small = undefined;
      sum = path === MANIFEST_NAME || size <= SMALL ? undefined : createHash('sha256');
      sink?.file(path, mode, size);
    },
    bytes(chunk) {
      if (file?.path === MANIFEST_NAME) chunks.push(Buffer.from(chunk));
      else if (sum !== undefined) sum.update(chunk);
      else small = small === undefined ? chunk : Buffer.concat([small, chunk]);
      sink?.bytes(chunk);
    },
    fileEnded() {
      if (file?.path === MANIFEST_NAME) onManifest?.(Buffer.concat(chunks).toString('utf8'));
      else if (file !== undefined)
        files.push({...file, sha256: sum?.digest('hex') ?? sha256(small ?? Buffer.alloc(0))});
      sink?.fileEnded();
    },
    folder: (path) => sink?.folder(path),
    entries: (links) =>
      sortByPath([...files, ...[...links].map(([path, target]) => ({path, mode: 'link' as const, target}))]),
  };
}
