import {fstatSync} from 'node:fs';
import type {Readable} from 'node:stream';

import {PipeReader} from './pipe-reader.ts';

/** Our stdin, read the fastest way there is. */
export function standardInput(): Readable {
  const stat = fstatSync(0);
  return stat.isFIFO() ? new PipeReader(0) : process.stdin;
}

/** Our stdin for a command. Undefined for a terminal: a process in the background that reads it would be stopped (SIGTTIN). */
export function commandInput(): Readable | undefined {
  return process.stdin.isTTY ? undefined : process.stdin;
}
