import {PackageManagerFault} from './fault.ts';

// npm warns of files that it could not write, leaves them empty and ends with 0 (seen with 11.19). ENOENT: it removed the folder of an
// optional package meanwhile.
const UNWRITTEN = /\bTAR_ENTRY_ERROR ((?!ENOENT).*)/;

/** Why a file of a package was not written, if this line of npm says so. */
export function unwrittenFile(line: string): string | undefined {
  return UNWRITTEN.exec(line)?.[1];
}

/** Of an installation that said it went well. */
export function cutShort(dir: string, because: string): PackageManagerFault {
  return new PackageManagerFault('PM_INSTALL_FAILED', `npm left files empty or out in ${dir}: ${because}`, {
    temporary: /^(ENOSPC|EDQUOT)/.test(because),
    hint: 'Look at the disk: df -h, df -i.',
  });
}
