import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {PackageManagerFacts} from '@keelson/archive';
import {packageManagerVersion, type PackageManager} from '@keelson/package-manager';

/** Which package manager really runs, and which lockfile it goes by. */
export async function packageManagerFacts(
  dir: string,
  {manager, signal}: {readonly manager: PackageManager; readonly signal?: AbortSignal | undefined},
): Promise<PackageManagerFacts & {readonly version: string}> {
  const {name, lockfile} = manager;
  const version = await packageManagerVersion(dir, {manager, signal});
  if (lockfile === undefined) return {name, version};
  const sum = createHash('sha256').update(await readFile(join(dir, lockfile)));
  return {name, version, lockfile, lockDigest: `sha256-${sum.digest('hex')}`};
}
