import {randomBytes} from 'node:crypto';
import {dirname, join} from 'node:path';

/** A new name beside `path`, on the same file system, so that rename(2) is atomic. Never longer than a file name may be. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.keelson-tmp-${randomBytes(8).toString('hex')}`);
}
