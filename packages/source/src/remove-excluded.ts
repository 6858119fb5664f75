import {existsSync, lstatSync, readdirSync, readlinkSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {whyExcluded} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import type {SourceEvent} from './checkout.ts';
import {isLfsPointer, refuseLfsPointers} from './refuse-lfs-pointers.ts';
import {refuseUnsafeLinks} from './refuse-unsafe-links.ts';

/** Takes out of a fetched tree what a copied folder would not have, and refuses the same links: every kind of source gives the same build. */
export async function removeExcluded(
  dir: string,
  {signal, onEvent}: StepOptions<SourceEvent>,
): Promise<void> {
  const isInGit = existsSync(join(dir, '.git'));
  const links = new Map<string, string>();
  const pointers: string[] = [];
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    signal?.throwIfAborted();
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const because = whyExcluded(path);
      if (because !== undefined) {
        await rm(join(dir, path), {recursive: true, force: true});
        if (entry.name !== '.git') onEvent?.({type: 'source:excluded', path, because});
      } else if (entry.isSymbolicLink()) links.set(path, readlinkSync(join(dir, path)));
      else if (entry.isDirectory()) todo.push(path);
      else if (isInGit && isLfsPointer(join(dir, path), lstatSync(join(dir, path)).size)) pointers.push(path);
    }
  }
  refuseUnsafeLinks(links, 'the source');
  refuseLfsPointers(pointers);
}
