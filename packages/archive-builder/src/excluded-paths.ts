import {existsSync} from 'node:fs';
import {join} from 'node:path';
import type {Checkout} from '@keelson/source';
import {includedBy} from './included.ts';
import {leftOut} from './left-out.ts';
import {alwaysWanted, wantedFiles, type Exclude} from './wanted-files.ts';
import {BILL_NAME} from './write-bill.ts';

export interface ExclusionRules {
  readonly checkout: Pick<Checkout, 'from'>;
  readonly name: string;
  /** Where the archive goes. */
  readonly to: string;
  readonly include: readonly string[];
  /** Files that the app can reach; all others stay out. */
  readonly reachable?: ReadonlySet<string> | undefined;
}

/**
 * Why a path stays out, beside what never goes into an archive: it is an archive of the app itself, or the app's own rules say so and
 * nobody asked for it.
 */
export async function excludedPaths(
  dir: string,
  {checkout, name, to, include, reachable}: ExclusionRules,
): Promise<Exclude> {
  const left = leftOut(checkout, name, {to, pnp: existsSync(join(dir, '.pnp.cjs'))});
  const rules = await wantedFiles(dir);
  const unwanted = (path: string) =>
    rules(path) ??
    (reachable === undefined || reachable.has(path) || path === BILL_NAME || alwaysWanted(path)
      ? undefined
      : 'no process type reaches it');
  const included = await includedBy(include);
  // The folders above what is asked for: a rule that leaves one of them out would take it along.
  const above = new Set(include.flatMap(literalParents));
  return (path) => left(path) ?? (included(path) || above.has(path) ? undefined : unwanted(path));
}

/** `web/dist/*.js` → `web`, `web/dist`. */
function literalParents(pattern: string): string[] {
  const parts = pattern
    .replace(/^(\.?\/)+/, '')
    .split('/')
    .slice(0, -1);
  const wild = parts.findIndex((part) => /[*?[\\]/.test(part));
  const literal = wild === -1 ? parts : parts.slice(0, wild);
  return literal.map((_, index) => literal.slice(0, index + 1).join('/'));
}
