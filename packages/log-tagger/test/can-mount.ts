import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmdirSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** Whether this process may mount a tmpfs: root may, but not in every container. */
export function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const place = mkdtempSync(join(tmpdir(), 'keelson-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], {stdio: 'ignore'});
    execFileSync('umount', [place], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(place);
  }
}
