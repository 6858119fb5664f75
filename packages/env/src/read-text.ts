import {isUtf8} from 'node:buffer';
import {closeSync, openSync, readSync, statSync} from 'node:fs';
import {lstat, open} from 'node:fs/promises';

import type {StepOptions} from '@keelson/step';

import {EnvFault} from './fault.ts';

// A little more is read: what is larger shows, and a file without end does not fill the memory.
const MAX_BYTES = 1024 * 1024;
const CHUNK_BYTES = 16 * 1024;

/**
 * A text file of at most 1 MiB; undefined: there is none. A pipe will do, too. Faults: ENV_MISSING_FILE, ENV_SYNTAX.
 */
export async function readText(path: string, {signal}: StepOptions = {}): Promise<string | undefined> {
  signal?.throwIfAborted();
  const bytes = await readBytes(path, signal);
  signal?.throwIfAborted();
  if (bytes === undefined) return undefined;
  if (bytes.length > MAX_BYTES) throw new EnvFault('ENV_SYNTAX', `${path} is larger than ${MAX_BYTES} bytes`);
  if (isUtf8(bytes)) return bytes.toString();
  throw new EnvFault('ENV_SYNTAX', `${path}:${badLine(bytes)}: not UTF-8 text`, {
    hint: 'Save it as UTF-8 (some editors on Windows write UTF-16).',
  });
}

async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  try {
    return statSync(path).isFile() ? readAtOnce(path) : await readPipe(path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const code = (error as NodeJS.ErrnoException).code;
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !(await isThere(path))) return undefined;
    throw new EnvFault('ENV_MISSING_FILE', `${path} ${reason(code)}`, {cause: error});
  }
}

/** Takes a fraction of the time that streams and threads take, of which a start of the Procfile runner would be the longer. */
function readAtOnce(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= MAX_BYTES;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const read = readSync(descriptor, chunk);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(descriptor);
  }
}

/** Who writes it may take their time. */
async function readPipe(path: string, signal: AbortSignal | undefined): Promise<Buffer> {
  await using handle = await open(path);
  const chunks: Buffer[] = [];
  const stream = handle.createReadStream({end: MAX_BYTES, signal, autoClose: false});
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function reason(code: string | undefined): string {
  if (code === 'EISDIR') return 'is a directory';
  return code === 'ENOENT' ? 'is a link to a file that does not exist' : `cannot be read (${code})`;
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** The first line that is not UTF-8. */
function badLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return line;
}
