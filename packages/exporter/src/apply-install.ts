import {mkdir, readFile, rm} from 'node:fs/promises';

import {resolveInside, syncDirectory, writeAtomic} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';

import {ExportFault} from './fault.ts';
import {type InstallPlan, isOurs} from './plan-install.ts';
import type {UnitFile} from './render-units.ts';

export interface InstallEvent {
  readonly type: 'export:wrote' | 'export:removed';
  /** Absolute. */
  readonly path: string;
}

export type InstallOptions = StepOptions<InstallEvent>;

async function removeOurs(path: string, {app, format}: InstallPlan): Promise<void> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined) return;
  if (!isOurs(content, app, format)) {
    throw new ExportFault(
      'EXPORT_FOREIGN_FILE',
      `${path} is to be removed, but was not written for app ${app}`,
      {
        hint: 'It changed after the plan was made: plan again.',
      },
    );
  }
  await rm(path);
}

/**
 * Does what a plan says: each file whole or not at all, and nothing removed that isn't this app's. Interrupted half-way
 * it can simply be done again.
 * Faults: EXPORT_FOREIGN_FILE; AtomicFsFault PATH_OUTSIDE.
 */
export async function applyInstall(
  plan: InstallPlan,
  files: readonly UnitFile[],
  options: InstallOptions = {},
): Promise<void> {
  const {signal, onEvent} = options;
  signal?.throwIfAborted();
  const byPath = new Map(files.map((file) => [file.path, file]));
  if (plan.changes.length > 0) await mkdir(plan.root, {recursive: true});
  for (const {op, path} of plan.changes) {
    signal?.throwIfAborted();
    const absolute = resolveInside(plan.root, path);
    if (op === 'remove') {
      await removeOurs(absolute, plan);
      await syncDirectory(plan.root);
      onEvent?.({type: 'export:removed', path: absolute});
      continue;
    }
    const file = byPath.get(path);
    if (!file) throw new TypeError(`the plan writes ${path}, which is not among the files`);
    await writeAtomic(absolute, file.content, {mode: file.mode});
    onEvent?.({type: 'export:wrote', path: absolute});
  }
}
