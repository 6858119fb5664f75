import {realpathSync} from 'node:fs';
import {resolve} from 'node:path';

/**
 * The absolute path of a directory as a person sees it: in a shell that stands in `/srv/shop/current`, `.` is that and not the
 * release behind the link, which is all that the kernel says.
 * @param shown the shell's idea of where it stands (PWD); believed only when it is the same place
 */
export function logicalDir(dir: string, cwd: string, shown: string | undefined): string {
  if (shown === undefined || !shown.startsWith('/')) return resolve(cwd, dir);
  try {
    return resolve(realpathSync(shown) === realpathSync(cwd) ? shown : cwd, dir);
  } catch {
    return resolve(cwd, dir);
  }
}
