import {join} from 'node:path';

import {run, SpawnFault} from '@keelson/spawn';

import {applyInstall, type InstallOptions} from './apply-install.ts';
import {ExportFault} from './fault.ts';
import {FORMATS, type Format} from './formats/table.ts';
import type {ManagerCommand, UnitFormat} from './formats/unit-format.ts';
import {type InstalledFile, type InstallPlan, isOurs, planInstall} from './plan-install.ts';
import {readInstalled} from './read-installed.ts';
import type {UnitFile} from './render-units.ts';
import {removeLeftovers, restoreFiles} from './restore-files.ts';

/** An install plan with what the manager is told; nothing is told where nothing changes. */
export interface AppInstallPlan extends InstallPlan {
  /** Before files change: what is to end is stopped. */
  readonly before: readonly ManagerCommand[];
  readonly after: readonly ManagerCommand[];
}

export interface AppInstallInput {
  readonly format: Format;
  readonly app: string;
  /** None: everything of the app is taken away. */
  readonly files: readonly UnitFile[];
  /** The manager's directory, if it isn't the usual one. */
  readonly directory?: string | undefined;
  /** A tree to install into, such as an image that is built: no manager is told anything. */
  readonly root?: string | undefined;
  readonly scope?: 'system' | 'user' | undefined;
}

export interface AppInstall {
  readonly plan: AppInstallPlan;
  readonly existing: readonly InstalledFile[];
  readonly files: readonly UnitFile[];
  /** What the manager leaves behind in the directories of services that are taken away. */
  readonly leftovers: readonly string[];
}

/**
 * What installing the files for good would change, and what the manager would be told. Changes nothing.
 * Faults: EXPORT_FOREIGN_FILE; EXPORT_UNSUPPORTED for a format whose files are somebody else's to hand over.
 */
export async function planAppInstall(input: AppInstallInput): Promise<AppInstall> {
  const {format, app, files, scope = 'system'} = input;
  const {manager, DIRECTORY}: UnitFormat = await FORMATS[format]();
  if (!manager) {
    throw new ExportFault('EXPORT_UNSUPPORTED', `nothing on this machine reads ${format} files by itself`, {
      hint: 'Write them somewhere with --out.',
    });
  }
  const directory = input.directory ?? DIRECTORY;
  const root = input.root === undefined ? directory : join(input.root, directory);
  const existing = await readInstalled(root, app, files);
  const plan = planInstall({root, format, app, files, existing});
  const quiet = input.root !== undefined || plan.changes.length === 0;
  const gone = plan.changes.filter(({op}) => op === 'remove').map(({path}) => path);
  const all = existing.filter(({content}) => isOurs(content, app, format)).map(({path}) => path);
  const wholly = files.length === 0;
  const paths = files.map(({path}) => path);
  const stopped = {app, files: wholly ? all : gone, directory, scope};
  return {
    plan: {
      ...plan,
      before: quiet || !wholly ? [] : manager.disable(stopped),
      after: quiet
        ? []
        : wholly
          ? (manager.forget?.(stopped) ?? [])
          : manager.enable({...stopped, files: paths}),
    },
    existing,
    files,
    leftovers: wholly ? (manager.leftovers?.(stopped) ?? []) : [],
  };
}

/** Stopping what doesn't run is no failure, nor is a manager that is gone already. */
async function tell({run: [command = '', ...args]}: ManagerCommand, options: InstallOptions): Promise<void> {
  try {
    await run({command, args}, {signal: options.signal, timeoutMs: 120_000});
  } catch (error) {
    if (!(error instanceof SpawnFault)) throw error;
  }
}

async function mustTell(told: readonly string[], options: InstallOptions): Promise<void> {
  const [command = '', ...args] = told;
  await run({command, args}, {signal: options.signal, timeoutMs: 120_000});
}

/**
 * Does what a plan says. Whatever fails half-way is taken back: what the manager was told, and every file to its bytes and mode of before.
 * Faults: EXPORT_FOREIGN_FILE; SpawnFault of the manager's commands.
 */
export async function applyAppInstall(install: AppInstall, options: InstallOptions = {}): Promise<void> {
  const {plan, existing, files, leftovers} = install;
  for (const command of plan.before) await tell(command, options);
  const undo: ManagerCommand[] = [];
  try {
    await applyInstall(plan, files, options);
    for (const command of plan.after) {
      if (files.length === 0) await tell(command, options);
      else await mustTell(command.run, options);
      if (command.undo) undo.unshift({run: command.undo});
    }
  } catch (error) {
    for (const command of undo) await tell(command, {});
    await restoreFiles(plan, existing);
    throw error;
  }
  await removeLeftovers(plan.root, leftovers);
}
