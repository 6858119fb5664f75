import {userInfo} from 'node:os';
import {appendLine, readLines} from './json-lines.ts';

/** What a deploy root goes through. */
export type Change = 'deploy' | 'rollback' | 'resume' | 'config';

/** One line of the journal: who did what, with which code and configuration, and how it went. Never a value of the configuration. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly at: string;
  readonly what: Change | 'recover';
  readonly result: 'deployed' | 'rolled-back' | 'refused' | 'failed' | 'added' | 'interrupted';
  /** Name of the system user, or what the caller says. */
  readonly by: string;
  /** What this deployment is, e.g. `production`. */
  readonly environment?: string | undefined;
  readonly release?: number | undefined;
  readonly digest?: string | undefined;
  readonly version?: string | undefined;
  /** Commit of the source. */
  readonly revision?: string | undefined;
  /** Number of the config revision. */
  readonly config?: number | undefined;
  /** Where a config revision was read from, without credentials. */
  readonly reader?: string | undefined;
  readonly replaced?: number | undefined;
  readonly because?: string | undefined;
  /** Of `recover`: what was interrupted. */
  readonly interrupted?: Change | undefined;
  /** Names one change, however often it is told of. */
  readonly attempt?: string | undefined;
}

export type NewEntry = Omit<JournalEntry, 'at' | 'by'> & {readonly by?: string | undefined};

export async function appendEntry(path: string, entry: NewEntry): Promise<JournalEntry> {
  const {by = systemUser(), ...rest} = entry;
  const complete = {at: new Date().toISOString(), by, ...rest};
  await appendLine(path, complete);
  return complete;
}

/** The last entries (those in the last MiB), oldest first. */
export function readJournal(path: string): Promise<JournalEntry[]> {
  return readLines<JournalEntry>(path);
}

export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // no entry in the password file, as in many containers
  }
}
