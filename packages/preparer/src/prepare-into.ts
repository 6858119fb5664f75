import {basename, resolve} from 'node:path';
import {readManifest} from '@keelson/manifest';
import type {Archive} from '@keelson/archive';
import {PrepareFault} from './fault.ts';
import {prepare, type PreparedApp, type PrepareOptions} from './prepare.ts';
import {openApp, type RawPackage} from './raw-package.ts';

/**
 * Prepares what a path, or the JSON value of an archive, names. `into` defaults to `<name>-<version>`, here. Faults: those of openApp
 * and prepare; PREPARE_NO_APP for a package in a tarball without `into`.
 */
export async function prepareInto(
  value: unknown,
  into: string | undefined,
  options: PrepareOptions,
): Promise<PreparedApp> {
  const app = await openApp(value, {signal: options.signal});
  return prepare(app, resolve(into ?? (await folderFor(app))), options);
}

async function folderFor(app: Archive | RawPackage): Promise<string> {
  if (app.kind === 'package' && app.form === 'file')
    throw new PrepareFault(
      'PREPARE_NO_APP',
      `${app.path} was not built, and does not say its name in front`,
      {
        hint: 'Name the folder to make: --into DIR.',
      },
    );
  const {name, version} = app.kind === 'archive' ? app.manifest : await readManifest(app.path);
  return `${basename(name)}-${version}`;
}
