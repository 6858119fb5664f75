import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {isBuilt, openArchive, unpackTarball} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import type {Revision, SourceEvent} from '../checkout.ts';
import {removeExcluded} from '../remove-excluded.ts';

/** Unpacks a package's tarball (`npm pack`, `git archive --prefix`) or a built archive, of which only the sources count then. */
export async function openTarball(
  {path}: {readonly path: string},
  dir: string,
  options: StepOptions<SourceEvent>,
): Promise<Revision> {
  const {signal} = options;
  await unpackTarball(path, dir, {signal});
  await removeExcluded(dir, options);
  if (!(await isBuilt(dir))) return {};
  const {manifest} = await openArchive(dir, {signal});
  await rm(join(dir, 'keelson.json'));
  return manifest.source;
}
