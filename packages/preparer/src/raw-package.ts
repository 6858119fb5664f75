import {existsSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {openArchive, resolveArchive, type Archive} from '@keelson/archive';
import {isFault, type StepOptions} from '@keelson/step';
import {PrepareFault} from './fault.ts';

/** A package that was never built: sources and a lockfile. Its dependencies are installed where it is prepared. */
export interface RawPackage {
  readonly kind: 'package';
  /** A tarball with one top folder (npm's, `git archive --prefix`), or a folder. */
  readonly form: 'file' | 'directory';
  /** Absolute. */
  readonly path: string;
}

/**
 * What a path, or the JSON value of an archive, is, decided by what it holds: with keelson.json a built archive, with package.json
 * alone a package. Faults: PREPARE_NO_APP, and those of archive.
 */
export async function openApp(value: unknown, options: StepOptions = {}): Promise<Archive | RawPackage> {
  if (typeof value !== 'string') return resolveArchive(value, options);
  try {
    return await openArchive(value, options);
  } catch (error) {
    if (!isFault(error) || error.code !== 'ARCHIVE_NOT_BUILT') throw error;
    return rawPackage(resolve(value));
  }
}

function rawPackage(path: string): RawPackage {
  if (!statSync(path).isDirectory()) return {kind: 'package', form: 'file', path};
  if (existsSync(join(path, 'package.json'))) return {kind: 'package', form: 'directory', path};
  throw new PrepareFault(
    'PREPARE_NO_APP',
    `${path} is a folder without keelson.json and without package.json: neither a built archive nor a package`,
    {hint: 'Name the folder that holds package.json.'},
  );
}
