/** What a tarball from outside may hold. */
export interface ArchiveLimits {
  /** Files, links and folders. Default 200 000. */
  readonly entries: number;
  /** Of all files together. Default 2 GiB. */
  readonly bytes: number;
  /** Bytes that may come out for a byte that went in, counted from 64 MiB on. Default 200. */
  readonly ratio: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = {entries: 200_000, bytes: 2 * 1024 ** 3, ratio: 200};

/** Below this a high ratio is an empty log file, not a bomb. */
export const RATIO_FROM = 64 * 1024 * 1024;
