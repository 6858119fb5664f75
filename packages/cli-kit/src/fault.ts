import {Fault} from '@keelson/step';

/** What can be wrong with a value on stdin, and the end by a signal. */
export class CliFault extends Fault<
  'INPUT_MISSING' | 'INPUT_NOT_JSON' | 'INPUT_TOO_LARGE' | 'INPUT_FAILED' | 'STOPPED'
> {}
