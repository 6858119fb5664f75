import {basename, join} from 'node:path/posix';

import type {CompleteModel} from '../model-schema.ts';
import {type PlannedProcess, plannedProcesses} from '../planned-processes.ts';
import {windowsPath} from './escape.ts';

/** The app's own programs, then those of the machine. */
function pathVariable({path, root}: CompleteModel): string {
  return [...(path ?? [join(root, 'node_modules/.bin')]).map(windowsPath), '%PATH%'].join(';');
}

/** Programs of every unix: those that Git for Windows brings are found on PATH. */
const UNIX = /^\/(?:usr\/)?bin\/[a-z]+$/;

function program(path: string): string {
  return UNIX.test(path) ? `${basename(path)}.exe` : windowsPath(path);
}

/** What Windows is to start: its own paths and accounts. */
export function planFor(model: CompleteModel): PlannedProcess[] {
  return plannedProcesses(model).map((one) => ({
    ...one,
    defaultPath: pathVariable(model),
    argv: one.argv.map((word, index) => (index === 0 ? program(word) : word)),
    cwd: windowsPath(one.cwd),
    user: one.user === undefined ? undefined : one.user === 'root' ? 'LocalSystem' : `.\\${one.user}`,
    group: undefined,
  }));
}
