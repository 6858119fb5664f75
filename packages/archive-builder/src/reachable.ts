import {realpathSync} from 'node:fs';
import {sep} from 'node:path';
import type {StepOptions} from '@keelson/step';
import {entryFiles} from './entry-files.ts';
import type {OpenedApp} from './open-app.ts';

/**
 * Files and links that the commands of the process types load, with the folders above them, as `@vercel/nft` finds them by reading
 * the code; what is loaded by a name that the code makes up, it cannot see. Faults: BUILD_TRACE, when a command names no file of the app.
 */
export async function reachable(
  {manifest}: Pick<OpenedApp, 'manifest'>,
  dir: string,
  {signal}: StepOptions,
): Promise<ReadonlySet<string>> {
  const base = realpathSync(dir);
  const {loaded, links} = await entryFiles(base, manifest.scripts, {signal});
  const {nodeFileTrace} = await import('@vercel/nft');
  signal?.throwIfAborted();
  const {fileList} = await nodeFileTrace([...loaded], {base, processCwd: base});
  signal?.throwIfAborted();
  const found = new Set<string>();
  for (const file of [...links, ...fileList]) {
    const path = file.split(sep).join('/');
    found.add(path);
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      found.add(path.slice(0, at));
  }
  return found;
}
