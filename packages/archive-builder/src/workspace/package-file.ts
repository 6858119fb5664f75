import {readFileSync} from 'node:fs';
import {join} from 'node:path';

type Versions = Readonly<Record<string, string>>;

/** What we read of an installed package.json. */
export interface PackageFile {
  readonly name?: string;
  readonly version?: string;
  readonly bin?: string | Versions;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly peerDependenciesMeta?: Readonly<Record<string, {readonly optional?: boolean}>>;
}

export function readPackageFile(dir: string): PackageFile {
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as PackageFile;
}
