import {createHash, type Hash} from 'node:crypto';
import type {ArchiveEntry, FileEntry} from './archive-manifest.ts';
import {sha256} from './digest.ts';
import {sortByPath} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import type {EntrySink} from './safe-entries.ts';
import {MANIFEST_BYTES} from './stored-manifest.ts';

/** Files of at most this many bytes are hashed in one go. */
const SMALL = 64 * 1024;

/** Hashes what passes, and hands it on to a place where it is written, if any. */
export interface TreeHash extends EntrySink {
  /** Sorted by path. */
  entries(links: ReadonlyMap<string, string>): ArchiveEntry[];
  /** Text of a file that was asked for, when it has passed. */
  kept(): string | undefined;
}

/** @param keep path of a file whose bytes are kept, and which is not among the entries */
export function hashTree(keep?: string, sink?: EntrySink): TreeHash {
  const files: FileEntry[] = [];
  const chunks: Buffer[] = [];
  let file: {path: string; mode: '644' | '755'; size: number} | undefined;
  let sum: Hash | undefined;
  let small: Buffer | undefined;
  let text: string | undefined;
  return {
    file(path, mode, size) {
      if (path === keep && size > MANIFEST_BYTES)
        throw new ArchiveFault('ARCHIVE_TOO_LARGE', `${path} has more than ${MANIFEST_BYTES} bytes`);
      file = {path, mode, size};
      small = undefined;
      sum = path === keep || size <= SMALL ? undefined : createHash('sha256');
      sink?.file(path, mode, size);
    },
    bytes(chunk) {
      if (file?.path === keep) chunks.push(Buffer.from(chunk));
      else if (sum !== undefined) sum.update(chunk);
      else small = small === undefined ? chunk : Buffer.concat([small, chunk]);
      sink?.bytes(chunk);
    },
    fileEnded() {
      if (file?.path === keep) text = Buffer.concat(chunks).toString('utf8');
      else if (file !== undefined)
        files.push({...file, sha256: sum?.digest('hex') ?? sha256(small ?? Buffer.alloc(0))});
      sink?.fileEnded();
    },
    folder: (path) => sink?.folder(path),
    entries: (links) =>
      sortByPath([...files, ...[...links].map(([path, target]) => ({path, mode: 'link' as const, target}))]),
    kept: () => text,
  };
}
