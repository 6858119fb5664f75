import {existsSync} from 'node:fs';
import {join} from 'node:path';

import type {ManagerCommand, Manager} from './formats/unit-format.ts';

/** What a manager is told around a change of files. */
export interface InstallCommands {
  /** When the files are there. */
  readonly enable: readonly ManagerCommand[];
  /** Before what is no longer wanted is removed. */
  readonly stop: readonly ManagerCommand[];
  /** When it is removed. */
  readonly forget: readonly ManagerCommand[];
  /** When an install failed and the files are as they were. */
  readonly reload: readonly ManagerCommand[];
}

export interface CommandsInput {
  readonly app: string;
  readonly directory: string;
  readonly scope: 'system' | 'user';
  /** That are to be there in the end. */
  readonly files: readonly string[];
  /** That are removed, or should have been by an install that was cut short. */
  readonly gone: readonly string[];
  /** That are there now. */
  readonly before: readonly string[];
}

/** What is done in a root where no manager runs: the links that the manager would have made. Those of what is gone are taken away. */
export function imageCommands(
  manager: Manager,
  {app, directory, scope, files, gone}: CommandsInput,
  into: string | undefined,
): InstallCommands {
  if (into === undefined) return NOTHING;
  const links = (some: readonly string[]) =>
    some.length > 0 ? (manager.inImage?.links({app, directory, scope, files: some}) ?? {}) : {};
  const wanted = links(files);
  const enable = Object.entries(wanted).map(([name, to]) => ({
    run: ['ln', '-sfn', to, join(into, name)],
    undo: ['rm', '-f', join(into, name)],
  }));
  const stop = Object.keys(links(gone))
    .filter((name) => !Object.hasOwn(wanted, name))
    .map((name) => ({run: ['rm', '-f', join(into, name)]}));
  return {...NOTHING, enable, stop};
}

/** The directory of the links, below a root. Undefined where the manager looks for none, or only makes it when it boots. */
export function linkDirectory(
  {inImage}: Manager,
  of: Pick<CommandsInput, 'directory' | 'scope'>,
  root: string,
): string | undefined {
  const all = (inImage?.into(of) ?? []).map((directory) => join(root, directory));
  return all.find((directory) => existsSync(directory)) ?? all.at(-1);
}

export const NOTHING: InstallCommands = {enable: [], stop: [], forget: [], reload: []};

/** An undo only of what was not so before: an upgrade that fails leaves the app enabled. */
export function installCommands(manager: Manager, input: CommandsInput): InstallCommands {
  const {files, gone, before, ...of} = input;
  const forget = (some: readonly string[]) => manager.forget?.({...of, files: some}) ?? [];
  if (files.length === 0) {
    const stop = manager.disable({...of, files: gone});
    return {enable: [], stop, forget: forget(gone), reload: []};
  }
  const known = new Set(
    before.length === 0 ? [] : manager.enable({...of, files: before}).map(({run}) => run.join('\0')),
  );
  const enable = manager
    .enable({...of, files})
    .map((command) => (known.has(command.run.join('\0')) ? {run: command.run} : command));
  const reload = forget(files);
  if (gone.length === 0) return {enable, stop: [], forget: [], reload};
  const some = {...of, files: gone};
  const stop = manager.stop?.(some) ?? manager.disable(some);
  return {enable, stop, forget: forget(gone), reload};
}
