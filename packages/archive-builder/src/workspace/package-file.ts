import {join} from 'node:path';
import {readPackageJson} from '../read-package-json.ts';

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
  return readPackageJson(join(dir, 'package.json')) as PackageFile;
}
