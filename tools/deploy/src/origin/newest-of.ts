import semver from 'semver';
import {globOf} from './glob-of.ts';

/** The newest of the names that match a pattern (`v1.*`), by `compareNames`; undefined when none does. Never throws. */
export function newestOf(names: readonly string[], pattern = '*'): string | undefined {
  const matches = globOf(pattern);
  return names
    .filter((name) => matches(name) || matches(withoutEnding(name)))
    .toSorted(compareNames)
    .at(-1);
}

/**
 * Order of names of tags and packages, older first: those with a version in them by semver (`v1.2.10` after `v1.2.9`, `1.10.0-rc1` before
 * `1.10.0`), after all names without one; equal ones, and those without, in natural order (`build-9` before `build-10`). A total order.
 */
export function compareNames(one: string, other: string): number {
  const [mine, theirs] = [versionIn(one), versionIn(other)];
  if (mine !== undefined && theirs !== undefined) {
    const byVersion = semver.compare(mine, theirs);
    if (byVersion !== 0) return byVersion;
  } else if (mine !== theirs) return mine === undefined ? -1 : 1;
  return naturally(one, other);
}

// `1.2`, `v1.2.3-rc.1+5`, at the begin or after what is no part of a number or word. Long numbers are dates, or no versions at all.
const VERSION =
  /(?:^|[^0-9A-Za-z.]|(?<![0-9A-Za-z])v)(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:-?([A-Za-z][0-9A-Za-z]*(?:[.-][0-9A-Za-z-]+)*|\d[0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*))?(?![0-9.])/;

/** The first version in a name, as semver; parts that are missing are zero. */
function versionIn(name: string): string | undefined {
  const bare = withoutEnding(name);
  const [, major, minor = '0', patch = '0', more] = /^v?(\d{1,6})$/.exec(bare) ?? VERSION.exec(bare) ?? [];
  if (major === undefined) return undefined;
  const core = [major, minor, patch].map(Number).join('.');
  return semver.valid(more === undefined ? core : `${core}-${more}`) ?? core;
}

/** Of an archive's name. */
export function withoutEnding(name: string): string {
  return name.replace(/\.(tgz|tar\.gz|tar|tar\.zst|tzst)$/i, '');
}

/** Digits as numbers, of any length; everything else by code unit. */
function naturally(one: string, other: string): number {
  const [mine, theirs] = [parts(one), parts(other)];
  for (let at = 0; at < Math.min(mine.length, theirs.length); at++) {
    const order = partOrder(mine[at]!, theirs[at]!);
    if (order !== 0) return order;
  }
  return mine.length - theirs.length || (one < other ? -1 : one === other ? 0 : 1);
}

function parts(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

/** Numbers come before words. */
function partOrder(one: string, other: string): number {
  const [mine, theirs] = [/^\d/.test(one), /^\d/.test(other)];
  if (mine !== theirs) return mine ? -1 : 1;
  if (!mine) return one < other ? -1 : one === other ? 0 : 1;
  const [left, right] = [one.replace(/^0+(?=\d)/, ''), other.replace(/^0+(?=\d)/, '')];
  return left.length - right.length || (left < right ? -1 : left === right ? 0 : 1);
}
