import {fstatSync} from 'node:fs';
import type {Readable} from 'node:stream';

import {PipeReader} from './pipe-reader.ts';

/** Our stdin, read the fastest way there is. */
export function standardInput(): Readable {
  // Not as plain numbers: Node's realpath looks at those of the latest stat, and then leaves links unresolved in what is imported.
  const stat = fstatSync(0, {bigint: true});
  return stat.isFIFO() ? new PipeReader(0) : process.stdin;
}

/** Our stdin for a command. Undefined for a terminal: a process in the background that reads it would be stopped (SIGTTIN). */
export function commandInput(): Readable | undefined {
  return process.stdin.isTTY ? undefined : process.stdin;
}
