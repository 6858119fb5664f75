import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {hashFile} from './hash-file.ts';
import {treeEntries} from './tree-entries.ts';

/** A package that was not built: nothing installed, no script run, no `keelson.json`. */
export interface Package {
  readonly kind: 'package';
  /** Its files. */
  readonly dir: string;
  /** The file that it came as, and goes out as where a file is wanted. */
  readonly tarball?: string | undefined;
  readonly name: string;
  readonly version: string;
  /** Over the files, by the rule of archives. */
  readonly digest: string;
}

/** Reads a checkout; what has no name in package.json is called like the place that it came from. */
export async function describePackage(
  {dir, from, tarball}: {readonly dir: string; readonly from: string; readonly tarball?: string | undefined},
  options: StepOptions,
): Promise<Package> {
  const {name, version} = readNames(dir);
  const sum = createHash('sha256');
  for (const entry of treeEntries(dir)) {
    options.signal?.throwIfAborted();
    const content =
      entry.mode === 'link'
        ? entry.target
        : (await hashFile(join(dir, entry.path), options)).fileDigest.slice('sha256-'.length);
    sum.update(`${entry.path}\0${entry.mode}\0${content}\n`);
  }
  const called = basename(from.replace(/[#?].*$/s, '')).replace(/\.(git|tgz|tar(\.\w+)?)$/, '') || 'app';
  return {
    kind: 'package',
    dir,
    tarball,
    name: name ?? called,
    version: version ?? '0.0.0',
    digest: `sha256-${sum.digest('hex')}`,
  };
}

function readNames(dir: string): {readonly name?: string; readonly version?: string} {
  try {
    const {name, version} = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    return {
      ...(typeof name === 'string' && name !== '' && {name}),
      ...(typeof version === 'string' && /^[\w.+-]+$/.test(version) && {version}),
    };
  } catch {
    return {}; // as it is: whoever receives it says what a package has to have
  }
}
