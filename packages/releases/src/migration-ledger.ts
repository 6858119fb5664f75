import {appendLine, readLines} from './json-lines.ts';

/** `expand`: code from before it still works. `contract`: it does not any more. */
export type MigrationKind = 'expand' | 'contract';

/** A migration that was begun in this deploy root. */
export interface LedgerEntry {
  readonly name: string;
  readonly kind: MigrationKind;
  /** The release that brought it. */
  readonly release: number;
  /** ISO 8601. */
  readonly at: string;
  /** One that was begun and did not end runs again: it has to stand that. */
  readonly state: 'begun' | 'done';
}

export interface MigrationLedger {
  /** What was done, and what was begun and did not end; by name, in the order of their last lines. */
  read(): Promise<LedgerEntry[]>;
  write(entry: Omit<LedgerEntry, 'at'>): Promise<void>;
}

export function migrationLedger(path: string): MigrationLedger {
  return {
    async read() {
      const last = new Map<string, LedgerEntry>();
      for (const entry of await readLines<LedgerEntry>(path)) {
        last.delete(entry.name);
        last.set(entry.name, entry);
      }
      return [...last.values()];
    },
    write: (entry) => appendLine(path, {...entry, at: new Date().toISOString()}),
  };
}
