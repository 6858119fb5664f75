import {accessSync, constants, mkdtempSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {userHome} from '@keelson/atomic-fs';
import {giveTree, type Rights} from './account.ts';
import {PrepareFault} from './fault.ts';

/** A home folder for one run of a package manager: where it keeps what it fetched, and its log. */
export interface WorkHome {
  readonly path: string;
  /** Of another user than ours. */
  readonly another: boolean;
  /** npm's settings in our own home, which can be read but not written to. */
  readonly npmrc?: string | undefined;
}

/**
 * Another user gets a home of his own, and so do we where ours is missing or cannot be written to (a user of a service, a number without an
 * entry in the password file, root's HOME after root's rights were given up): npm would end with EACCES. Undefined: our own will do.
 */
export function workHome(rights: Rights): WorkHome | undefined {
  if (typeof rights === 'object') {
    const path = newHome();
    giveTree(path, rights);
    return {path, another: true};
  }
  const own = userHome();
  if (own !== undefined && may(own, constants.W_OK | constants.X_OK)) return undefined;
  const npmrc = own === undefined ? undefined : join(own, '.npmrc');
  const readable = npmrc !== undefined && may(npmrc, constants.R_OK);
  return {path: newHome(), another: false, npmrc: readable ? npmrc : undefined};
}

function newHome(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'keelson-home-'));
  } catch (cause) {
    throw new PrepareFault(
      'PREPARE_INSTALL_FAILED',
      `the package manager has no home: ${(cause as Error).message}`,
      {cause, hint: 'Set TMPDIR to a folder that can be written to.'},
    );
  }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
