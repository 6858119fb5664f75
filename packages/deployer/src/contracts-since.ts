import type {LedgerEntry} from '@keelson/releases';

/** Migrations that code of this release does not stand: `contract` ones that a later release brought, done or begun. */
export function contractsSince(ledger: readonly LedgerEntry[], release: number): LedgerEntry[] {
  return ledger.filter((entry) => entry.kind === 'contract' && entry.release > release);
}
