import {once} from 'node:events';
import {watch} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {dirname} from 'node:path';
import {Writable} from 'node:stream';
import type {StepOptions} from '@keelson/step';
import {openBefore, openNewest, openNext, type LogFile} from './log-files.ts';

const BLOCK = 64 * 1024;

export interface LogLinesOptions extends StepOptions {
  /** How many of the last lines. Default 100. */
  readonly lines?: number | undefined;
  /** Go on with what is appended, until the signal aborts. */
  readonly follow?: boolean | undefined;
}

/**
 * Copies the last lines of the log at `path` to `to`, byte for byte, and follows it when told; lines in rotated files count.
 * A missing log is empty.
 */
export async function copyLogLines(path: string, to: Writable, options: LogLinesOptions = {}): Promise<void> {
  const {lines = 100, follow = false, signal} = options;
  const place = await startOfLast(path, lines);
  if (place === undefined) return;
  let {file, position} = place;
  try {
    using changes = follow ? changesIn(dirname(path), signal) : undefined;
    while (signal?.aborted !== true) {
      position = await copyFrom(file.handle, position, to);
      const next = await openNext(path, file);
      if (next === undefined) {
        if (changes === undefined) return;
        await changes.next();
        continue;
      }
      await copyFrom(file.handle, position, to); // what came before it was put away
      await file.handle.close();
      [file, position] = [next, 0];
    }
  } finally {
    await file.handle.close();
  }
}

/** The last lines of a log as text, without the newlines; none when there is no log. */
export async function lastLogLines(path: string, lines: number): Promise<string[]> {
  let text = '';
  const to = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString('utf8');
      done();
    },
  });
  await copyLogLines(path, to, {lines});
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Changes in a directory that are never missed: one that comes while nobody waits is kept for the next who does. */
function changesIn(path: string, signal: AbortSignal | undefined): Disposable & {next(): Promise<void>} {
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

/** Where the last `lines` lines of all files begin. */
async function startOfLast(
  path: string,
  lines: number,
): Promise<{file: LogFile; position: number} | undefined> {
  let missing = lines;
  for (let file = await openNewest(path); file !== undefined;) {
    const found = await lastLinesIn(file.handle, missing);
    missing -= found.lines;
    const before: LogFile | undefined = missing > 0 ? await openBefore(path, file) : undefined;
    if (before === undefined) return {file, position: found.position};
    await file.handle.close();
    file = before;
  }
  return undefined;
}

/** Offset at which the last `lines` lines of a file begin, found by reading backwards, and how many they are. */
async function lastLinesIn(file: FileHandle, lines: number): Promise<{position: number; lines: number}> {
  const block = Buffer.alloc(BLOCK);
  const {size} = await file.stat();
  if (lines === 0) return {position: size, lines};
  let found = 0;
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const {bytesRead} = await file.read(block, 0, end - start, start);
    for (let at = bytesRead - 1; at >= 0; at--) {
      if (start + at === size - 1 || block[at] !== 10) continue; // the newline that ends the last line begins none
      if (++found === lines) return {position: start + at + 1, lines};
    }
    end = start;
  }
  return {position: 0, lines: size === 0 ? 0 : found + 1};
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
