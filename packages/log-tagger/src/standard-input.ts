import {fstatSync} from 'node:fs';
import type {Readable} from 'node:stream';

import {TaggerFault} from './fault.ts';
import {PipeReader} from './pipe-reader.ts';

/** Our stdin, read the fastest way there is. Throws TAGGER_INPUT_FAILED. */
export function standardInput(): Readable {
  // Not as plain numbers: Node's realpath looks at those of the latest stat, and then leaves links unresolved in what is imported.
  const stat = fstatSync(0, {bigint: true});
  // For one, Node has a stream that is at its end.
  if (stat.isDirectory())
    throw new TaggerFault('TAGGER_INPUT_FAILED', 'the input cannot be read: EISDIR: it is a directory');
  return stat.isFIFO() ? new PipeReader(0) : process.stdin;
}

/** Our stdin for a command. Undefined for a terminal: a process in the background that reads it would be stopped (SIGTTIN). */
export function commandInput(): Readable | undefined {
  return process.stdin.isTTY ? undefined : process.stdin;
}
