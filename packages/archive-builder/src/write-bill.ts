import {readFileSync} from 'node:fs';
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {zippedManifests} from './zipped-manifests.ts';
import {billOfPackages} from '@keelson/archive';
import {installedPackages} from '@keelson/package-manager';

/** The archive's list of what it is made of: CycloneDX, by the ending that https://cyclonedx.org/specification/overview/ recommends. */
export const BILL_NAME = 'keelson.cdx.json';

/**
 * Writes what will be packed of the dependencies into the folder; where there are none, no such file is left. The same tree gives the
 * same text.
 */
export async function writeBill(
  dir: string,
  app: {readonly name: string; readonly version: string},
  excluded: (path: string) => string | undefined,
): Promise<void> {
  const manifests = new Map<string, string>();
  for (const {folder} of installedPackages(dir)) {
    const path = `${folder}/package.json`;
    if (!withParents(path).some((one) => excluded(one) !== undefined))
      manifests.set(path, readFileSync(join(dir, path), 'utf8'));
  }
  for (const [path, text] of zippedManifests(dir)) manifests.set(path, text);
  const path = join(dir, BILL_NAME);
  if (manifests.size === 0) await rm(path, {force: true});
  else await writeFile(path, `${JSON.stringify(billOfPackages(app, manifests), null, 2)}\n`);
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function withParents(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
