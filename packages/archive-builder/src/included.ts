import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {whyExcluded} from '@keelson/archive';
import {BuildFault} from './fault.ts';

/** Tells the paths that were asked for. */
export type Included = (path: string) => boolean;

/** Patterns are those of a .gitignore, but from the root: `dist` is the folder there with all that is in it, and no other one. */
export async function includedBy(patterns: readonly string[]): Promise<Included> {
  if (patterns.length === 0) return () => false;
  const {default: ignore} = await import('ignore');
  const rules = ignore().add(patterns.map((pattern) => `/${pattern.replace(/^(\.?\/)+/, '')}`));
  return (path) => rules.ignores(path);
}

/** Faults: BUILD_NOTHING_INCLUDED for a pattern that no file of the app matches: whatever should have made them has not run. */
export async function requireIncluded(dir: string, patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns) {
    if (hasFile(dir, await includedBy([pattern]))) continue;
    const never = whyExcluded(pattern.replace(/^(\.?\/)+/, ''));
    throw new BuildFault(
      'BUILD_NOTHING_INCLUDED',
      `no file in ${dir} matches ${JSON.stringify(pattern)}, which the archive is to include`,
      {
        hint:
          never === undefined
            ? 'Make it before the build, or let a build script make it. Paths count from the root of the app.'
            : `It never goes in: ${never}.`,
      },
    );
  }
}

function hasFile(dir: string, included: Included): boolean {
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) todo.push(path);
      else if (included(path) && whyExcluded(path) === undefined) return true;
    }
  return false;
}
