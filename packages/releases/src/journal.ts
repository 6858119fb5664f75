import {open, type FileHandle} from 'node:fs/promises';
import {userInfo} from 'node:os';

/** One line of the journal: who did what, with which code and configuration, and how it went. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly what: 'deploy' | 'rollback' | 'resume' | 'config' | 'recover';
  readonly result: 'deployed' | 'rolled-back' | 'refused' | 'failed' | 'added' | 'interrupted';
  /** Name of the system user, or what the caller says. */
  readonly by: string;
  readonly release?: number | undefined;
  readonly digest?: string | undefined;
  readonly version?: string | undefined;
  /** Number of the config revision. */
  readonly config?: number | undefined;
  readonly replaced?: number | undefined;
  readonly because?: string | undefined;
}

export type NewEntry = Omit<JournalEntry, 'at' | 'by'> & {readonly by?: string | undefined};

/** How much of the end of the journal is read. */
const MAX_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Appends one line and waits until it is on the disk. A line that a crash tore before is ended first. */
export async function appendEntry(path: string, entry: NewEntry): Promise<JournalEntry> {
  const {by = systemUser(), ...rest} = entry;
  const complete = {at: new Date().toISOString(), by, ...rest};
  const file = await open(path, 'a+', 0o600);
  try {
    const start = (await endsWithNewline(file)) ? '' : '\n';
    await file.appendFile(`${start}${JSON.stringify(complete)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return complete;
}

/** The last entries (those in the last MiB), oldest first. Lines that are no JSON were torn by a crash and are passed over. */
export async function readJournal(path: string): Promise<JournalEntry[]> {
  const text = await readEnd(path);
  return text.split('\n').flatMap((line) => {
    try {
      const entry = JSON.parse(line) as JournalEntry | null;
      return typeof entry === 'object' && entry !== null ? [entry] : [];
    } catch {
      return [];
    }
  });
}

async function endsWithNewline(file: FileHandle): Promise<boolean> {
  const {size} = await file.stat();
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

async function readEnd(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const {size} = await file.stat();
    const start = Math.max(0, size - MAX_BYTES);
    const buffer = Buffer.alloc(size - start);
    const {bytesRead} = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // no entry in the password file, as in many containers
  }
}
