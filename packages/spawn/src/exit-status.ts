import {constants} from 'node:os';
import type {Exit} from './launch-spec.ts';

/** The exit status a shell would report: the code, or 128 + the signal's number (POSIX sh §2.8.2). */
export function exitStatus(exit: Exit): number {
  if (exit.code !== null) return exit.code;
  return exit.signal === null ? 1 : 128 + constants.signals[exit.signal];
}
