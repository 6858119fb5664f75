import {Fault, type FaultOptions} from '@keelson/step';
import type {Output} from './run.ts';

type Code = 'SPAWN_NOT_FOUND' | 'SPAWN_FAILED' | 'SPAWN_EXIT' | 'SPAWN_TIMEOUT' | 'SPAWN_OUTPUT_TOO_LARGE';

export class SpawnFault extends Fault<Code> {
  /** What the command printed, unredacted; undefined when it never started. Not part of the fault's JSON. */
  declare readonly output: Output | undefined;

  constructor(code: Code, message: string, options: FaultOptions & {readonly output?: Output | undefined}) {
    super(code, message, options);
    Object.defineProperty(this, 'output', {value: options.output});
  }
}
