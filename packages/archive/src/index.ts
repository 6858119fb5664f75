export {extractArchive} from './extract-archive.ts';
export {ArchiveFault} from './fault.ts';
export {whyExcluded} from './exclusions.ts';
export {findUnsafeLink} from './link-safety.ts';
export {isBuilt, openArchive, readEntries, resolveArchive} from './open-archive.ts';
export {runtimeFacts} from './runtime-facts.ts';
export {unpackTarball} from './unpack-tarball.ts';
export {verifyArchive, verifyTree} from './verify-tree.ts';
export {checkTarget, writeArchive} from './write-archive.ts';

export type {Archive} from './archive.ts';
export type {ArchiveFormat} from './archive-format.ts';
export type {ArchiveLimits} from './archive-limits.ts';
export type {
  ArchiveEntry,
  ArchiveManifest,
  ArchiveSource,
  Digest,
  ManifestFacts,
  NodeFacts,
  PackageManagerFacts,
  RuntimeFacts,
} from './archive-manifest.ts';
export type {ExtractOptions} from './extract-archive.ts';
export type {ArchiveFaultCode} from './fault.ts';
export type {Unpacked, UnpackEvent, UnpackOptions} from './unpack-tarball.ts';
export type {Verification} from './verify-tree.ts';
export type {ArchiveTarget, SegmentCacheOptions, WriteEvent} from './write-archive.ts';
