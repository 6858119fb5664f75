import {open} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {StepOptions} from '@keelson/step';
import {AtomicFsFault} from './fault.ts';
import {forgetOwner, ownOwner, readLivingOwner, writeOwner, type LockOwner} from './lock-owner.ts';
import {takeKernelLock, type KernelLock} from './kernel-lock.ts';
import {makeDirectory} from './make-directory.ts';
import {withMutex} from './mutex.ts';

export interface LockOptions extends StepOptions {
  /** Shown to whoever finds the directory locked, e.g. `deploy of 1.2.0`. */
  readonly reason?: string | undefined;
  /** How long to wait for another owner. Default 0. */
  readonly waitMs?: number | undefined;
}

/** Held until disposed, or until this program ends, however it ends. */
export interface DirectoryLock extends AsyncDisposable {
  /** The lock file, `<dir>/lock`. It stays; only what it says changes. */
  readonly path: string;
}

const POLL_MS = 50;
/** Another one looks at the lock file at this moment: that is over in an instant. */
const BUSY_MS = 1000;

/**
 * Takes the lock of a directory, which is made when missing. The kernel holds it for us (flock(2), by a child that ends with us);
 * where flock(1) is missing, the owner's pid and start time in the lock file do, and the two respect each other.
 * Faults: LOCK_HELD (temporary; names the owner's pid and reason).
 */
export async function lockDirectory(dir: string, options: LockOptions = {}): Promise<DirectoryLock> {
  const {signal, waitMs = 0} = options;
  signal?.throwIfAborted();
  const path = join(resolve(dir), 'lock');
  await makeDirectory(dir);
  await (await open(path, 'a', 0o600)).close();

  const deadline = performance.now() + waitMs;
  const kernel = await takeKernelLock(path, {waitMs, signal});
  if (kernel === 'held') throw held(dir, await readLivingOwner(path));
  try {
    await becomeOwner(path, {dir, options, deadline, safe: kernel !== 'absent'});
  } catch (error) {
    if (kernel !== 'absent') await kernel.release();
    throw error;
  }
  return ownedLock(path, kernel);
}

/**
 * Writes us into the lock file once no living owner stands there. Looking and writing are one step: an owner without flock(1) may
 * come at the same moment. `safe`: the kernel's lock is in our hand, and a mutex that never gets free (its name may be taken by
 * anybody on this machine) must not stop us.
 */
async function becomeOwner(
  path: string,
  {dir, options, deadline, safe}: {dir: string; options: LockOptions; deadline: number; safe: boolean},
): Promise<void> {
  const own = await ownOwner(options.reason);
  const lookAndWrite = async () => {
    const owner = await readLivingOwner(path);
    if (owner === undefined) await writeOwner(path, own);
    return owner;
  };
  const patience = performance.now() + BUSY_MS;
  for (;;) {
    options.signal?.throwIfAborted();
    let owner = await withMutex(path, lookAndWrite);
    const now = performance.now();
    if (owner === 'busy' && safe && now >= patience) owner = await lookAndWrite();
    if (owner === undefined) return;
    if (owner !== 'busy' && now >= deadline) throw held(dir, owner);
    if (owner === 'busy' && now >= Math.max(deadline, patience)) throw held(dir, undefined);
    await delay(POLL_MS);
  }
}

function ownedLock(path: string, kernel: KernelLock | 'absent'): DirectoryLock {
  let released: Promise<void> | undefined;
  const release = async () => {
    await forgetOwner(path);
    if (kernel !== 'absent') await kernel.release();
  };
  return {path, [Symbol.asyncDispose]: () => (released ??= release())};
}

function held(dir: string, owner: LockOwner | undefined): AtomicFsFault {
  const who = owner === undefined ? 'another process' : `process ${owner.pid}`;
  const why = owner?.reason === undefined ? '' : ` (${owner.reason})`;
  const since = owner === undefined ? '' : ` since ${owner.since}`;
  return new AtomicFsFault('LOCK_HELD', `${dir} is locked by ${who}${why}${since}`, {
    hint: 'Try again when it has finished.',
    temporary: true,
  });
}
