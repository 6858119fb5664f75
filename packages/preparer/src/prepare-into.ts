import {resolve} from 'node:path';
import {isBuilt, resolveArchive} from '@keelson/archive';
import {PrepareFault} from './fault.ts';
import {prepare, type PreparedApp, type PrepareOptions} from './prepare.ts';

/** Prepares what a path or a JSON value names. `into` defaults to `<name>-<version>` of the archive, here. */
export async function prepareInto(
  value: unknown,
  into: string | undefined,
  options: PrepareOptions,
): Promise<PreparedApp> {
  const archive = await resolveArchive(value, options);
  return prepare(
    archive,
    resolve(into ?? `${archive.manifest.name.replace(/^.*\//, '')}-${archive.manifest.version}`),
    options,
  );
}
export {isBuilt, PrepareFault};
