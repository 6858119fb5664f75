import type {StepOptions} from '@keelson/step';

import {procfileWarnings, type ProcfileWarning} from './procfile-warnings.ts';
import {readProcfile} from './read-procfile.ts';
import {readSocketfile, type ProcessSocket} from './socketfile.ts';

/** What a directory's Procfile, and the Socketfile beside it, amount to. */
export interface ProcessList {
  readonly kind: 'process-list';
  readonly processes: readonly {readonly name: string; readonly command: string; readonly line: number}[];
  /** Empty where there is no Socketfile. */
  readonly sockets: readonly ProcessSocket[];
  readonly warnings: readonly ProcfileWarning[];
}

/**
 * The process types, sockets and warnings of `<dir>/Procfile`, or of `options.file`. Faults: those of `readProcfile`, also for the
 * Socketfile.
 */
export async function listProcesses(
  dir: string,
  options: StepOptions & {readonly file?: string | undefined} = {},
): Promise<ProcessList> {
  const {file, signal} = options;
  const procfile = await readProcfile(dir, {file, signal});
  const socketfile = await readSocketfile(dir, {procfilePath: file, procfile, signal});
  return {
    kind: 'process-list',
    processes: procfile.types.map(({name, command, line}) => ({name, command, line})),
    sockets: socketfile?.sockets ?? [],
    warnings: procfileWarnings(procfile, file),
  };
}
