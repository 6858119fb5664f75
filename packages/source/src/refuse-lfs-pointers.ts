import {closeSync, openSync, readSync} from 'node:fs';
import {SourceFault} from './fault.ts';

const POINTER = Buffer.from('version https://git-lfs.github.com/spec/v1\n');

/** Whether a file stands for one that git LFS would have to fetch (git-lfs docs/spec.md: less than 1024 bytes). */
export function isLfsPointer(path: string, size: number): boolean {
  if (size < 100 || size >= 1024) return false;
  const head = Buffer.alloc(POINTER.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, head) === POINTER.length && head.equals(POINTER);
  } finally {
    closeSync(file);
  }
}

/** An app with pointers instead of its files would be built, published, and fail at the first request for one. */
export function refuseLfsPointers(pointers: readonly string[]): void {
  if (pointers.length === 0) return;
  const some = `${pointers.slice(0, 3).join(', ')}${pointers.length > 3 ? ' …' : ''}`;
  const what = pointers.length === 1 ? 'a file is' : `${pointers.length} files are`;
  throw new SourceFault('SOURCE_LFS_POINTER', `${what} only a pointer of git LFS: ${some}`, {
    hint: 'Install git-lfs (git lfs install) so that a clone brings the files; in a work tree then: git lfs pull',
  });
}
