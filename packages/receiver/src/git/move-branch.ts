import {execFileSync} from 'node:child_process';

/**
 * Moves the branch of one command of a push, `OLD NEW REF`, if it stands at `head` ('' for a new one); returns what the proc-receive hook
 * reports of it (gitprotocol-pack(5), githooks(5)). git's environment is this process's.
 */
export function moveBranch(command: string, head: string | undefined): string[] {
  const [old = '', next = '', ref = ''] = command.split(' ');
  if (head === undefined) return [`ng ${ref} the receiver does not know of this push`];
  try {
    const none = '0'.repeat(next.length);
    execFileSync('git', ['update-ref', ref, next, head || none], {stdio: ['ignore', 'ignore', 'pipe']});
    return [`ok ${ref}`, ...(head === old.replace(/^0+$/, '') ? [] : [`option old-oid ${head}`])];
  } catch (error) {
    const said = String((error as {stderr?: Buffer}).stderr ?? '').trim();
    return [`ng ${ref} ${(said || (error as Error).message).replaceAll('\n', ' ')}`];
  }
}
