import {accessSync, constants} from 'node:fs';
import {ArchiveFault} from './fault.ts';

/** Whether something can be made in a folder, said before the work is done. Faults: ARCHIVE_DESTINATION. */
export function requireWritable(folder: string): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    const because = code === 'EROFS' ? 'is on a read-only file system' : 'cannot be written by this user';
    throw new ArchiveFault('ARCHIVE_DESTINATION', `${folder} ${because}`, {cause});
  }
}
