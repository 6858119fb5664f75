import {procfileWarnings, type ProcfileWarning} from './procfile-warnings.ts';
import {readProcfile, type ReadProcfileOptions} from './read-procfile.ts';
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
 * The process types, sockets and warnings of `<dir>/Procfile`, or of `options.file`. Options and faults: those of `readProcfile`, faults also for
 * the Socketfile.
 */
export async function listProcesses(dir: string, options: ReadProcfileOptions = {}): Promise<ProcessList> {
  const {file, signal} = options;
  const procfile = await readProcfile(dir, options);
  const socketfile = await readSocketfile(dir, {procfilePath: file, procfile, signal});
  return {
    kind: 'process-list',
    processes: procfile.types.map(({name, command, line}) => ({name, command, line})),
    sockets: socketfile?.sockets ?? [],
    warnings: procfileWarnings(procfile, file),
  };
}
