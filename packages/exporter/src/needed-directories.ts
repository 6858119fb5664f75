import {existsSync} from 'node:fs';
import {dirname} from 'node:path';

import type {InstallCommands} from './install-commands.ts';

function missing(path: string): string[] {
  return existsSync(path) ? [] : [path, ...missing(dirname(path))];
}

const innermostFirst = (paths: readonly string[]) =>
  [...new Set(paths)].sort((a, b) => b.length - a.length || a.localeCompare(b));

/** Directories beside those of the units. Absolute paths, innermost first. */
interface NeededDirectories {
  readonly missing: readonly string[];
  /** That an install makes, or has made. */
  readonly made: readonly string[];
}

export function neededDirectories(
  paths: readonly string[],
  recorded: readonly string[] = [],
): NeededDirectories {
  const absent = innermostFirst(paths.flatMap(missing));
  return {missing: absent, made: innermostFirst([...absent, ...recorded])};
}

/** Makes what is missing before a manager hears of anything; with all of an app those go that hold nothing, such as no log. */
export function withDirectories(
  commands: InstallCommands,
  {missing: absent, made}: NeededDirectories,
  uninstalls: boolean,
): InstallCommands {
  if (uninstalls)
    return made.length === 0 ? commands : {...commands, stop: [...commands.stop, {run: ['rmdir', ...made]}]};
  if (absent.length === 0) return commands;
  const mkdir = {run: ['mkdir', '-p', ...absent], undo: ['rmdir', ...absent]};
  return {...commands, enable: [mkdir, ...commands.enable]};
}
