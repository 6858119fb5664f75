import {run, SpawnFault} from '@keelson/spawn';

import {type InstallOptions, removeFiles, writeFiles} from './apply-install.ts';
import {openStage} from './install-stage.ts';
import type {ManagerCommand} from './formats/unit-format.ts';
import type {AppInstall} from './install-app.ts';
import {type InstallRecord, recordPath, removeRecord, writeRecord} from './install-record.ts';
import {removeLeftovers, restoreFiles} from './restore-files.ts';

async function mustTell(told: readonly string[], {signal, onEvent}: InstallOptions): Promise<void> {
  const [command = '', ...args] = told;
  await run({command, args}, {signal, timeoutMs: 120_000});
  onEvent?.({type: 'export:told', command: told});
}

/** Stopping what doesn't run is no failure, nor is a manager that is gone already. */
async function tell(commands: readonly ManagerCommand[], options: InstallOptions): Promise<void> {
  for (const {run: command} of commands) {
    try {
      await mustTell(command, options);
    } catch (error) {
      if (!(error instanceof SpawnFault)) throw error;
    }
  }
}

async function recorded(
  {plan, record, files, directories}: AppInstall,
  {state, made = record?.made}: Pick<InstallRecord, 'state' | 'made'>,
  {onEvent}: InstallOptions,
): Promise<InstallRecord> {
  const now = files.map(({path}) => path);
  // Until all is done, what was there before is not forgotten: the next one ends it.
  const known = state === 'changing' ? [...new Set([...(record?.files ?? []), ...now])] : now;
  const written = await writeRecord(plan, {state, files: known, made, directories});
  onEvent?.({type: 'export:recorded', path: recordPath(plan)});
  return written;
}

/** The app as it was before: what the manager was told, in reverse, then every file, then the record. */
async function undo(
  {plan, existing, record}: AppInstall,
  told: readonly ManagerCommand[],
  made: string | undefined,
): Promise<void> {
  const undone = told.flatMap(({undo: command}) => (command ? [{run: command}] : [])).reverse();
  await tell(undone, {});
  await restoreFiles(plan, existing);
  if (record) await writeRecord(plan, record);
  else await removeRecord(plan, made);
  if (told.length > 0) await tell(plan.reload, {});
}

/**
 * Does what a plan says, in an order in which nothing runs without its files: writes, tells the manager, stops what is gone and removes
 * it. Whatever fails until the manager knows is taken back: commands in reverse, and every file to its bytes and mode of before. Killed
 * at any point, the next install or uninstall ends it.
 * Faults: EXPORT_FOREIGN_FILE; SpawnFault of the manager's commands; AtomicFsFault LOCK_HELD.
 */
export async function applyAppInstall(install: AppInstall, options: InstallOptions = {}): Promise<void> {
  const {plan, leftovers, tells} = install;
  options.signal?.throwIfAborted();
  if (plan.changes.length === 0 && !plan.unfinished) return;
  const {made} = await recorded(install, {state: 'changing'}, options);
  await change(install, made, options);
  await removeLeftovers(plan.root, leftovers);
  await tell(plan.forget, options);
  if (plan.wholly === 'uninstall') await removeRecord(plan, made);
  else await recorded(install, {state: tells ? 'installed' : 'written', made}, options);
}

/** All of it, or nothing. */
async function change(install: AppInstall, made: string | undefined, options: InstallOptions): Promise<void> {
  const {plan} = install;
  const told: ManagerCommand[] = [];
  try {
    await using stage = await openStage(plan, options.signal);
    await writeFiles(install, stage, options);
    for (const command of plan.enable) {
      await mustTell(command.run, options);
      told.push(command);
    }
    await tell(plan.stop, options);
    await removeFiles(plan, options);
  } catch (error) {
    await undo(install, told, made);
    throw error;
  }
}
