import {Fault} from '@keelson/step';

/**
 * FOREMAN_ARGUMENT: a word of the command line cannot be read. FOREMAN_OPTIONS: what was asked for contradicts itself or the Procfile; FOREMAN_CYCLE: processes wait for each other.
 * FOREMAN_NOT_READY: others wait for a process that did not become ready. FOREMAN_OUTPUT: what the processes print cannot be
 * written any more. FOREMAN_WATCH, FOREMAN_CONTROL, FOREMAN_NO_PTY, FOREMAN_PROXY: what lives beside the processes cannot start.
 * FOREMAN_NO_RUNNER, FOREMAN_UNKNOWN_PROCESS: nobody, or nothing of that name, to control.
 */
export class ForemanFault extends Fault<
  | 'FOREMAN_ARGUMENT'
  | 'FOREMAN_OPTIONS'
  | 'FOREMAN_CYCLE'
  | 'FOREMAN_NOT_READY'
  | 'FOREMAN_OUTPUT'
  | 'FOREMAN_WATCH'
  | 'FOREMAN_CONTROL'
  | 'FOREMAN_NO_RUNNER'
  | 'FOREMAN_UNKNOWN_PROCESS'
  | 'FOREMAN_NO_PTY'
  | 'FOREMAN_PROXY'
> {}
