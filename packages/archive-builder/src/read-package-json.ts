import {readFileSync} from 'node:fs';

/** A package.json, which may begin with a byte order mark: npm and Node take it. */
export function readPackageJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
}
