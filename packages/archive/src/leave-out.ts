import type {ArchiveEntry, FileEntry} from './archive-manifest.ts';
import type {EntrySink} from './safe-entries.ts';

export interface LeaveOut {
  /** Which entries come to their place by other means. */
  readonly kept: (path: string) => boolean;
  /** What `keelson.json` lists; undefined until it was read. */
  readonly listed: () => ReadonlyMap<string, ArchiveEntry> | undefined;
}

/** A sink that gets what is left, and those that are left out: with the digest that `keelson.json` tells of them. */
export interface LeavingOut extends EntrySink {
  left(): readonly FileEntry[];
}

export function leaveOut(sink: EntrySink, {kept, listed}: LeaveOut): LeavingOut {
  const left: FileEntry[] = [];
  let leaving = false;
  return {
    file(path, mode, size) {
      const entry = kept(path) ? listed()?.get(path) : undefined;
      leaving = entry !== undefined && entry.mode !== 'link';
      if (leaving) left.push({path, mode, size, sha256: (entry as FileEntry).sha256});
      else sink.file(path, mode, size);
    },
    bytes(chunk) {
      if (!leaving) sink.bytes(chunk);
    },
    fileEnded() {
      if (!leaving) sink.fileEnded();
      leaving = false;
    },
    folder(path) {
      if (!kept(path)) sink.folder(path);
    },
    left: () => left,
  };
}
