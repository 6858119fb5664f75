import {once} from 'node:events';
import {open, type FileHandle} from 'node:fs/promises';
import {watch} from 'node:fs';
import type {Writable} from 'node:stream';
import type {StepOptions} from '@keelson/step';

const BLOCK = 64 * 1024;

export interface LogLinesOptions extends StepOptions {
  /** How many of the last lines. Default 100. */
  readonly lines?: number | undefined;
  /** Go on with what is appended, until the signal aborts. */
  readonly follow?: boolean | undefined;
}

/** Copies the last lines of the log at `path` to `to`, byte for byte, and follows it when told. A missing log is empty. */
export async function copyLogLines(path: string, to: Writable, options: LogLinesOptions = {}): Promise<void> {
  const {lines = 100, follow = false, signal} = options;
  const file = await openLog(path);
  if (file === undefined) return;
  try {
    let position = await copyFrom(file, await startOfLast(file, lines), to);
    if (!follow) return;
    using changes = changesOf(path, signal);
    while (signal?.aborted !== true) {
      position = await copyFrom(file, position, to);
      await changes.next();
    }
  } finally {
    await file.close();
  }
}

/** Changes of a file that are never missed: one that comes while nobody waits is kept for the next who does. */
function changesOf(path: string, signal: AbortSignal | undefined): Disposable & {next(): Promise<void>} {
  let pending = true; // what was appended before the watch began
  let wake = () => {};
  const tell = () => {
    pending = true;
    wake();
  };
  const watcher = watch(path, tell);
  watcher.on('error', tell);
  signal?.addEventListener('abort', tell, {once: true});
  return {
    async next() {
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
    },
    [Symbol.dispose]() {
      signal?.removeEventListener('abort', tell);
      watcher.close();
    },
  };
}

async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Offset at which the last `lines` lines begin, found by reading backwards. */
async function startOfLast(file: FileHandle, lines: number): Promise<number> {
  const block = Buffer.alloc(BLOCK);
  let end = (await file.stat()).size;
  let missing = lines + 1; // the newline that ends the last line is not a beginning
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const {bytesRead} = await file.read(block, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--)
      if (block[at] === 10 && --missing === 0) return start + at + 1;
    end = start;
  }
  return 0;
}

async function copyFrom(file: FileHandle, position: number, to: Writable): Promise<number> {
  const block = Buffer.alloc(BLOCK);
  for (;;) {
    const {bytesRead} = await file.read(block, 0, BLOCK, position);
    if (bytesRead === 0) return position;
    position += bytesRead;
    if (!to.write(Buffer.from(block.subarray(0, bytesRead)))) await once(to, 'drain');
  }
}
