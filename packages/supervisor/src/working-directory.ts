import {realpathSync} from 'node:fs';
import {realpath} from 'node:fs/promises';

/** Where we were started. */
export interface WorkingDirectory {
  /** The folder that its path leads to now: another one once a link on the way (`current`) was switched. */
  release(): Promise<string>;
}

/**
 * The working directory as it was named, and not as it lies on the disk: the shell that has followed a link to it says so in PWD
 * (POSIX `cd -L`).
 */
export function workingDirectory(pwd: string | undefined): WorkingDirectory {
  const physical = process.cwd();
  const named = pwd?.startsWith('/') && leadsTo(pwd) === physical ? pwd : physical;
  // One that leads nowhere stays as it is: what is started there tells of it.
  return {release: () => realpath(named).catch(() => named)};
}

function leadsTo(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
