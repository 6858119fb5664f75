/** `sha256-` and 64 hexadecimal digits. */
export type Digest = `sha256-${string}`;

/** What an archive says about itself: `keelson.json` without its list of entries. */
export interface ArchiveManifest {
  readonly schema: 1;
  readonly name: string;
  readonly version: string;
  readonly source: ArchiveSource;
  /** Program that made the archive, e.g. `@keelson/archive-builder/0.1.0`. */
  readonly builder: string;
  readonly node: NodeFacts;
  readonly packageManager: PackageManagerFacts;
  /** package.json scripts that ran, in order. */
  readonly scripts: readonly string[];
  /** Types of the Procfile, in its order. */
  readonly processTypes: readonly string[];
  /** Environment variables the app cannot start without. */
  readonly required: readonly string[];
  /** Paths of the `.node` files that this platform loads, sorted. */
  readonly addons: readonly string[];
  /** How far the dependencies were trusted. Absent: the builder did not note it. */
  readonly dependencies?: DependencyFacts | undefined;
  /** Number of entries and sum of the files' sizes. */
  readonly contents: {readonly entries: number; readonly bytes: number};
  /** sha-256 over the sorted entries, a line `path NUL mode NUL sha256-or-target LF` for each: the same in whatever way it travels. */
  readonly digest: Digest;
}

export interface ArchiveSource {
  /** Commit of the source. */
  readonly revision?: string | undefined;
  /** URL of the repository, without credentials. */
  readonly origin?: string | undefined;
  /** The work tree differed from the commit. */
  readonly dirty?: boolean | undefined;
}

/** The Node that an archive was built with, or that runs here. */
export interface RuntimeFacts {
  /** Without a `v`. */
  readonly version: string;
  /** `process.versions.modules`: add-ons that do not use Node-API are tied to it. */
  readonly abi: string;
  readonly platform: string;
  readonly arch: string;
  /** Undefined where there is no such choice (not Linux). */
  readonly libc?: 'glibc' | 'musl' | undefined;
}

export interface NodeFacts extends RuntimeFacts {
  /** `engines.node` of package.json. */
  readonly range?: string | undefined;
}

export interface PackageManagerFacts {
  readonly name: string;
  readonly version?: string | undefined;
  /** File name of the lockfile. */
  readonly lockfile?: string | undefined;
  /** Of the lockfile's bytes. */
  readonly lockDigest?: Digest | undefined;
}

/** What was asked of dependencies before anything of them ran. */
export interface DependencyFacts {
  /**
   * `name@version` of the packages whose install scripts were allowed to run, and of those whose scripts were not, sorted. Absent: others
   * have installed them.
   */
  readonly installScripts?:
    | {readonly ran: readonly string[]; readonly heldBack: readonly string[]}
    | undefined;
  /** How many packages were verified by the signature of their registry: none where no registry publishes keys. Absent: not asked. */
  readonly signatures?: {readonly verified: number} | undefined;
  /** So many packages of registries have been out for at least so many days. Absent: not asked. */
  readonly minReleaseAge?: {readonly days: number; readonly packages: number} | undefined;
}

/** What the builder knows; the rest of the manifest comes from the tree. */
export type ManifestFacts = Omit<ArchiveManifest, 'schema' | 'contents' | 'digest'>;

export interface FileEntry {
  /** Relative, with `/`, NFC or not as on disk. */
  readonly path: string;
  readonly mode: '644' | '755';
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

export interface LinkEntry {
  readonly path: string;
  readonly mode: 'link';
  readonly target: string;
}

export type ArchiveEntry = FileEntry | LinkEntry;

/** `keelson.json`, whole. */
export interface StoredManifest extends ArchiveManifest {
  /** Empty folders. git cannot carry them, so they are not in the digest; extraction makes them. */
  readonly folders: readonly string[];
  /**
   * Paths of files, links and folders below node_modules that differ from another one by case or Unicode form alone, sorted. They
   * can be extracted only where the file system tells them apart. Absent when there are none.
   */
  readonly caseSensitive?: readonly string[] | undefined;
  /** Sorted by the bytes of their paths; `keelson.json` itself is not among them. */
  readonly entries: readonly ArchiveEntry[];
}
