import {execFileSync} from 'node:child_process';
import {mkdtempSync, realpathSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** A disk of its own, in memory; gone when disposed. */
export function smallDisk(size: string): Disposable & {readonly path: string} {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'keelson-disk-')));
  execFileSync('sh', ['-c', 'mount -t tmpfs -o size="$1" tmpfs "$0"', path, size], {stdio: 'ignore'});
  return {
    path,
    [Symbol.dispose]() {
      execFileSync('sh', ['-c', 'umount -l "$0"', path]);
      rmdirSync(path);
    },
  };
}

/** Whether this process may mount a disk: root may, but not in every container. */
export function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  try {
    smallDisk('64k')[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}
