import {statfs} from 'node:fs/promises';
import {ReleaseFault} from './fault.ts';

/** What a release needs of the disk. */
export interface SpaceNeed {
  readonly bytes: number;
  readonly files: number;
}

const MEGABYTE = 1024 ** 2;

/** Fault RELEASE_NO_SPACE when the file system of `dir` has fewer bytes (each file rounded up to a block) or inodes free. */
export async function requireSpace(dir: string, need: SpaceNeed): Promise<void> {
  const {bavail, bsize, ffree, files} = await statfs(dir);
  const needed = need.bytes + need.files * bsize;
  if (needed > bavail * bsize)
    throw noSpace(dir, `${megabytes(needed)} MB are needed, ${megabytes(bavail * bsize)} MB are free`);
  // Some file systems (btrfs) make inodes as they go, and report none at all.
  if (files > 0 && need.files > ffree)
    throw noSpace(dir, `${need.files} files are needed, ${ffree} inodes are free`);
}

function noSpace(dir: string, because: string): ReleaseFault {
  return new ReleaseFault('RELEASE_NO_SPACE', `no room for a release in ${dir}: ${because}`, {
    temporary: true,
    hint: 'Free some, or keep fewer releases.',
  });
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / MEGABYTE);
}
