import {DEFAULT_LIMITS, type ArchiveLimits} from './archive-limits.ts';
import {quoted, unsafePath} from './entry-paths.ts';
import {ArchiveFault} from './fault.ts';
import {findUnsafeLink} from './link-safety.ts';
import {createNameGuard} from './name-guard.ts';
import {tooLarge} from './read-tarball.ts';
import type {TarConsumer, TarEntry} from './tar-parser.ts';

/** Receives entries that are safe to write below one folder, paths without the tarball's top folder. */
export interface EntrySink {
  file(path: string, mode: '644' | '755', size: number): void;
  /** Bytes of the last file. */
  bytes(chunk: Buffer): void;
  /** The last file is complete. */
  fileEnded(): void;
  folder(path: string): void;
}

export interface SafeEntries {
  readonly consumer: TarConsumer;
  /** After the end: the links (path → target), checked together, because one may lead through another. */
  links(): ReadonlyMap<string, string>;
}

export interface SafeEntriesOptions {
  readonly limits?: Partial<ArchiveLimits> | undefined;
  /** Whether two names may differ by case or Unicode form alone. Default never. */
  readonly mayFold?: ((path: string, other: string) => boolean) | undefined;
}

/** Stands between a tar and whoever writes it: refuses by name what could harm, takes the one top folder off. */
export function safeEntries(archive: string, sink: EntrySink, options: SafeEntriesOptions = {}): SafeEntries {
  const limits = {...DEFAULT_LIMITS, ...options.limits};
  const guard = createNameGuard(options.mayFold);
  const links = new Map<string, string>();
  let top: string | undefined;
  let count = 0;
  let bytes = 0;
  let inFile = false;

  const refuse = (name: string, because: string) =>
    new ArchiveFault('ARCHIVE_UNSAFE_ENTRY', `${archive}: ${quoted(name)} ${because}`);

  const outside = (name: string) =>
    new ArchiveFault('ARCHIVE_CORRUPT', `${archive}: ${quoted(name)} lies in no top folder, or in another`, {
      hint: 'The tarball of an app has one top folder, as `npm pack` and `git archive --prefix=app/` make it.',
    });

  /** The path below the top folder; undefined for the top folder itself. */
  const place = ({name, kind}: TarEntry): string | undefined => {
    const plain = (kind === 'folder' ? name.replace(/\/+$/, '') : name).replace(/^(\.\/)+/, '');
    if (kind === 'folder' && (plain === '' || plain === '.')) throw outside(name);
    const because = unsafePath(plain);
    if (because !== undefined) throw refuse(name, because);
    const slash = plain.indexOf('/');
    const first = slash === -1 ? plain : plain.slice(0, slash);
    top ??= first;
    if (first !== top || (slash === -1 && kind !== 'folder')) throw outside(name);
    return slash === -1 ? undefined : plain.slice(slash + 1);
  };

  const consumer: TarConsumer = {
    entry(entry) {
      inFile = false;
      if (++count > limits.entries) throw tooLarge(archive, `it has more than ${limits.entries} entries`);
      bytes += entry.size;
      if (bytes > limits.bytes) throw tooLarge(archive, `its files have more than ${limits.bytes} bytes`);
      const path = place(entry);
      if (path === undefined) return;
      const because = guard(path, entry.kind);
      if (because !== undefined) throw refuse(entry.name, because);
      if (entry.kind === 'folder') return sink.folder(path);
      if (entry.kind === 'link') return void links.set(path, entry.target);
      if ((entry.mode & 0o6000) !== 0)
        throw refuse(entry.name, 'would run with the rights of its owner (setuid, setgid)');
      inFile = true;
      sink.file(path, (entry.mode & 0o111) === 0 ? '644' : '755', entry.size);
    },
    bytes: (chunk) => sink.bytes(chunk),
    complete() {
      if (inFile) sink.fileEnded();
    },
  };

  return {
    consumer,
    links() {
      const bad = findUnsafeLink(links);
      if (bad === undefined) return links;
      throw refuse(`${top}/${bad.path}`, `is a link to ${quoted(bad.target)} and ${bad.because}`);
    },
  };
}
