import {Fault} from '@keelson/step';

export class ForemanFault extends Fault<
  | 'FOREMAN_OPTIONS'
  | 'FOREMAN_CYCLE'
  | 'FOREMAN_NOT_READY'
  | 'FOREMAN_WATCH'
  | 'FOREMAN_CONTROL'
  | 'FOREMAN_NO_RUNNER'
  | 'FOREMAN_UNKNOWN_PROCESS'
  | 'FOREMAN_NO_PTY'
  | 'FOREMAN_PROXY'
> {}
