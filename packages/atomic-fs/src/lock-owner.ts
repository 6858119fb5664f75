import {open, readFile, truncate} from 'node:fs/promises';

/** Who holds a lock, as one line of JSON in the lock file. */
export interface LockOwner {
  readonly pid: number;
  /** Boot and start time: a later process may get the same pid. */
  readonly started: string;
  readonly reason?: string | undefined;
  /** ISO 8601. */
  readonly since: string;
}

const MAX_REASON = 200;

export async function ownOwner(reason: string | undefined): Promise<LockOwner> {
  return {
    pid: process.pid,
    started: (await startOf(process.pid)) ?? '',
    reason: reason?.slice(0, MAX_REASON),
    since: new Date().toISOString(),
  };
}

/** In place, for the kernel's lock is on this very file. One write(2), so that a reader sees one owner or the other. */
export async function writeOwner(path: string, owner: LockOwner): Promise<void> {
  const line = Buffer.from(`${JSON.stringify(owner)}\n`);
  const file = await open(path, 'r+');
  try {
    await file.write(line, 0, line.length, 0);
    await file.truncate(line.length);
  } finally {
    await file.close();
  }
}

export async function forgetOwner(path: string): Promise<void> {
  await truncate(path).catch(() => {}); // the whole directory was removed: so is the lock
}

/** The owner that the lock file names, if that very process still runs. */
export async function readLivingOwner(path: string): Promise<LockOwner | undefined> {
  const owner = parseOwner(await readFile(path, 'utf8').catch(() => ''));
  if (owner === undefined) return undefined;
  return (await startOf(owner.pid)) === owner.started ? owner : undefined;
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text.split('\n')[0]!) as LockOwner | null;
    return Number.isInteger(owner?.pid) ? owner! : undefined;
  } catch {
    return undefined; // nobody, or something that is not ours
  }
}

// proc(5): the 22nd field is the start time in clock ticks since boot; the 3rd the state. A zombie owns nothing any more.
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
    return `${boot.trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}
