import {mkdir, open, readFile, rename, rm} from 'node:fs/promises';
import {dirname} from 'node:path';

import {makeDirectory, resolveInside, syncDirectory} from '@keelson/atomic-fs';
import type {StepOptions} from '@keelson/step';

import {ExportFault} from './fault.ts';
import {type InstallStage, openStage} from './install-stage.ts';
import {type InstallPlan, isOurs, ownerFile} from './plan-install.ts';
import {removeEmptyDirectories} from './remove-empty-directories.ts';
import type {UnitFile} from './render-units.ts';

export type InstallEvent =
  | {
      readonly type: 'export:wrote' | 'export:removed' | 'export:recorded';
      /** Absolute. */
      readonly path: string;
    }
  | {readonly type: 'export:staged'; readonly files: number}
  | {readonly type: 'export:told'; readonly command: readonly string[]};

export type InstallOptions = StepOptions<InstallEvent>;

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function removeOurs(path: string, {app, format, root}: InstallPlan): Promise<void> {
  const absolute = resolveInside(root, path);
  const content = await textOf(absolute);
  if (content === undefined) return;
  const owner = ownerFile(path);
  const said = owner === undefined ? undefined : await textOf(resolveInside(root, owner));
  if (!isOurs(content, app, format) && !isOurs(said, app, format)) {
    throw new ExportFault(
      'EXPORT_FOREIGN_FILE',
      `${absolute} is to be removed, but was not written for app ${app}`,
      {hint: 'It changed after the plan was made: plan again.'},
    );
  }
  await rm(absolute);
}

async function writeWhole(path: string, {content, mode}: UnitFile): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts every file that a plan writes into its place: first all are on the disk, then each is renamed. */
export async function writeFiles(
  {plan, files}: {readonly plan: InstallPlan; readonly files: readonly UnitFile[]},
  stage: InstallStage,
  {signal, onEvent}: InstallOptions = {},
): Promise<void> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const written = plan.changes.filter(({op}) => op === 'write').map(({path}) => byPath.get(path)!);
  if (written.length === 0) return;
  const targets = written.map(({path}) => resolveInside(plan.root, path));
  for (const [index, file] of written.entries()) {
    signal?.throwIfAborted();
    await writeWhole(stage.at(index), file);
  }
  onEvent?.({type: 'export:staged', files: written.length});
  for (const [index, path] of targets.entries()) {
    signal?.throwIfAborted();
    await mkdir(dirname(path), {recursive: true});
    await rename(stage.at(index), path);
    onEvent?.({type: 'export:wrote', path});
  }
  for (const directory of new Set(targets.map((path) => dirname(path)))) await syncDirectory(directory);
}

/** Takes away what a plan removes. Faults: EXPORT_FOREIGN_FILE. */
export async function removeFiles(plan: InstallPlan, {signal, onEvent}: InstallOptions = {}): Promise<void> {
  for (const {op, path} of plan.changes) {
    if (op !== 'remove') continue;
    signal?.throwIfAborted();
    const absolute = resolveInside(plan.root, path);
    await removeOurs(path, plan);
    await syncDirectory(dirname(absolute));
    await removeEmptyDirectories(dirname(absolute), plan.root);
    onEvent?.({type: 'export:removed', path: absolute});
  }
}

/**
 * Does what a plan says: each file whole or not at all, and nothing removed that isn't this app's. Interrupted half-way
 * it can simply be done again.
 * Faults: EXPORT_FOREIGN_FILE; AtomicFsFault PATH_OUTSIDE, LOCK_HELD.
 */
export async function applyInstall(
  plan: InstallPlan,
  files: readonly UnitFile[],
  options: InstallOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  if (plan.changes.length === 0) return;
  await makeDirectory(plan.root);
  await using stage = await openStage(plan, options.signal);
  await writeFiles({plan, files}, stage, options);
  await removeFiles(plan, options);
}
