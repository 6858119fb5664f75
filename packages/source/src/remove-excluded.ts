import {readdirSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {whyExcluded} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import type {SourceEvent} from './checkout.ts';

/** Takes out of a fetched tree what a copied one would not have: every kind of source gives the same build. */
export async function removeExcluded(
  dir: string,
  {signal, onEvent}: StepOptions<SourceEvent>,
): Promise<void> {
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    signal?.throwIfAborted();
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const because = whyExcluded(path);
      if (because === undefined) {
        if (entry.isDirectory() && entry.name !== 'node_modules') todo.push(path);
        continue;
      }
      await rm(join(dir, path), {recursive: true, force: true});
      if (path !== '.git') onEvent?.({type: 'source:excluded', path, because});
    }
  }
}
