import {homedir} from 'node:os';
import {isAbsolute} from 'node:path';

/** The home folder of the user; undefined: none, as of a number that has no entry in the password file. */
export function userHome(): string | undefined {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}
