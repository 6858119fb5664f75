/** What a tarball from outside may hold. */
export interface ArchiveLimits {
  /** Entries. Default 200 000. */
  readonly entries: number;
  /** Of all files together. Default 2 GiB. */
  readonly bytes: number;
  /** Bytes that come out for a byte that went in, counted from 64 MiB on. Default 200. */
  readonly ratio: number;
}
