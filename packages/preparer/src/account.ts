import {existsSync, lchownSync, lstatSync, readdirSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {run, type LaunchSpec} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';
import {PrepareFault} from './fault.ts';

/** A user of this machine, by numbers. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Whose rights an app's code gets: another user's, this process's own, or nobody's. */
export type Rights = Account | 'own' | 'none';

export interface RightsOptions extends StepOptions {
  /** Name or number of a user, whose code this is when this process is root. */
  readonly user?: string | undefined;
  /** Root's own rights will do. Default false. */
  readonly allowRoot?: boolean | undefined;
}

/**
 * Not root: our own. Root: those of `user`, else root's when that is allowed, else those of who owns the folder (or, before it is
 * there, the nearest folder above); nobody's when that is root, too. Fault PREPARE_NEEDS_USER for a user that does not exist.
 */
export async function rightsFor(dir: string, {user, allowRoot, signal}: RightsOptions): Promise<Rights> {
  if (process.getuid?.() !== 0) return 'own';
  if (user !== undefined) return accountOf(user, signal);
  if (allowRoot === true) return 'own';
  let there = dir;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const {uid, gid} = statSync(there);
  return uid === 0 ? 'none' : {uid, gid};
}

async function accountOf(user: string, signal: AbortSignal | undefined): Promise<Rights> {
  const id = async (which: string) =>
    Number((await run({command: 'id', args: [which, '--', user]}, {signal})).stdout.trim());
  try {
    const uid = await id('-u');
    return uid === 0 ? 'own' : {uid, gid: await id('-g')};
  } catch (cause) {
    signal?.throwIfAborted();
    if (!isFault(cause)) throw cause;
    throw new PrepareFault('PREPARE_NEEDS_USER', `there is no user ${JSON.stringify(user)} on this machine`, {
      cause,
      hint: 'Make it (useradd), or name another one (--user).',
    });
  }
}

/** The same program with these rights. `why` ends the sentence "this runs as root, and …". Fault PREPARE_NEEDS_USER. */
export function withRights(spec: LaunchSpec, rights: Rights, why: string): LaunchSpec {
  if (rights === 'own') return spec;
  if (rights === 'none')
    throw new PrepareFault('PREPARE_NEEDS_USER', `this runs as root, and ${why}`, {
      hint: 'Name the user whose code it is (--user), run it as an ordinary user, or allow root (--allow-root).',
    });
  const {uid, gid} = rights;
  const who = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--'];
  return {...spec, command: 'setpriv', args: [...who, spec.command, ...(spec.args ?? [])]};
}

/** Whether a folder cannot be reached with these rights. */
export async function isClosedTo(dir: string, rights: Rights): Promise<boolean> {
  if (typeof rights === 'string') return false;
  const look = {command: 'test', args: ['-x', dir], cwd: '/'};
  const {code} = await run(withRights(look, rights, 'so would the app'), {accept: [0, 1]});
  return code === 1;
}

/** Gives a tree to an account; links themselves, never what they lead to. */
export function giveTree(dir: string, {uid, gid}: Account): void {
  lchownSync(dir, uid, gid);
  for (const entry of readdirSync(dir, {withFileTypes: true})) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) giveTree(path, {uid, gid});
    // A file with other names belongs to other trees, too.
    else if (!entry.isFile() || lstatSync(path).nlink === 1) lchownSync(path, uid, gid);
  }
}
