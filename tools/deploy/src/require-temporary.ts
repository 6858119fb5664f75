import {constants} from 'node:fs';
import {access} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {DeployServerFault} from './fault.ts';

/** Sources that are pushed, and what package managers fetch, lie in TMPDIR for a while: a server tells at its start that they cannot. Fault SERVE_BAD_VALUE. */
export async function requireTemporary(dir = tmpdir()): Promise<void> {
  try {
    await access(dir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    throw new DeployServerFault('SERVE_BAD_VALUE', `${dir} cannot hold temporary files: ${code}`, {
      cause,
      hint: 'Set TMPDIR to a folder that this user can write to.',
    });
  }
}
