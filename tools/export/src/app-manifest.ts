import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import type {AppManifest} from '@keelson/manifest';
import {isFault} from '@keelson/step';

/** What package.json says of an app; nothing where there is none. */
export type OwnManifest = Partial<Pick<AppManifest, 'name' | 'app'>>;

/**
 * Procfile apps need no package.json, and of one without a `keelson` section (`{"type": "module"}`) nothing but a name is wanted.
 * Faults: MANIFEST_INVALID.
 */
export async function appManifest(dir: string, signal: AbortSignal | undefined): Promise<OwnManifest> {
  const {readManifest} = await import('@keelson/manifest');
  try {
    return await readManifest(dir, {signal});
  } catch (error) {
    if (!isFault(error)) throw error;
    if (error.code === 'MANIFEST_MISSING') return {};
    return (await nameOnly(dir)) ?? Promise.reject(error);
  }
}

async function nameOnly(dir: string): Promise<OwnManifest | undefined> {
  try {
    const value = JSON.parse(await readFile(join(dir, 'package.json'), 'utf8')) as Readonly<
      Record<string, unknown>
    >;
    if ('keelson' in value) return undefined;
    return typeof value['name'] === 'string' ? {name: value['name']} : {};
  } catch {
    return undefined;
  }
}
