import {stat} from 'node:fs/promises';
import {basename, resolve} from 'node:path';
import {isBuilt, resolveArchive} from '@keelson/archive';
import {PrepareFault} from './fault.ts';
import {prepare, type PreparedApp, type PrepareOptions} from './prepare.ts';

/** Prepares what a path or a JSON value names. `into` defaults to `<name>-<version>` of the archive, here. Fault PREPARE_NOT_BUILT. */
export async function prepareInto(
  value: unknown,
  into: string | undefined,
  options: PrepareOptions,
): Promise<PreparedApp> {
  if (typeof value === 'string') await requireBuilt(value);
  const archive = await resolveArchive(value, {signal: options.signal});
  const {name, version} = archive.manifest;
  return prepare(archive, resolve(into ?? `${basename(name)}-${version}`), options);
}

async function requireBuilt(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true || (await isBuilt(path))) return;
  throw new PrepareFault(
    'PREPARE_NOT_BUILT',
    `${path} is a folder without keelson.json: not a built archive`,
    {
      hint: `Build it first: keelson build ${path}`,
    },
  );
}
