import {constants, stat, write, type Stats} from 'node:fs';
import {mkdir, open, type FileHandle, stat as look} from 'node:fs/promises';
import {dirname} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

import {codeOf, sinkError} from './sink-error.ts';

// Another process may be in the middle of a write.
const SETTLE_MS = 20;
const BUFFER = 1_048_576;

/** A file open for appending. */
export interface LogFile {
  /** Appends latin1 text; how many bytes of it have arrived. Not to be called while another is on its way. */
  write(text: string): Promise<number>;
  close(): Promise<void>;
  /** As it was when it was opened. Not a regular file: a device such as /dev/null, which is never rotated. */
  readonly stats: Stats;
  /** Whether its last line has no newline, and nobody writes on: who wrote it was killed. */
  isUnfinished(): Promise<boolean>;
}

/** Opens a log for appending; it and its directories are made when they are missing. */
export async function openLogFile(path: string, mode: number): Promise<LogFile> {
  // Opening a fifo that nobody reads would wait forever.
  if ((await lookAt(path))?.isFIFO()) throw sinkError('EINVAL', `${path} is a fifo: write fifo:${path}`);
  const handle = await openOrMake(path, mode);
  try {
    const stats = await handle.stat();
    return {
      stats,
      write: writerOf(handle.fd),
      close: () => handle.close(),
      isUnfinished: async () => stats.isFile() && (await isUnfinished(handle)),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * What is at a path, which may be a pipe; undefined for nothing. Not by the call below: Node 20 and 22 resolve no links of packages any
 * more after that has seen a pipe (realpathSync looks at the last stat of anybody).
 */
export async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await look(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is at the path of a log file; undefined for nothing. Half the cost of a promise of Node's, for it is asked before each write. */
export function statAt(path: string): Promise<Stats | undefined> {
  return new Promise((resolve, reject) => {
    stat(path, (error, stats) => {
      if (error && error.code !== 'ENOENT') reject(error);
      else resolve(error ? undefined : stats);
    });
  });
}

// Called for each batch of lines: callbacks and one buffer for all of them cost half of what a FileHandle does.
function writerOf(fd: number): LogFile['write'] {
  let shared = Buffer.alloc(0);
  return (text) => {
    if (text.length > shared.length && text.length <= BUFFER) shared = Buffer.allocUnsafeSlow(text.length);
    const buffer = text.length > BUFFER ? Buffer.from(text, 'latin1') : shared;
    const length = buffer === shared ? shared.write(text, 0, 'latin1') : buffer.length;
    return new Promise((resolve, reject) => {
      write(fd, buffer, 0, length, null, (error, written) => (error ? reject(error) : resolve(written)));
    });
  };
}

// Reading is for the last byte alone; a file that we may only append to is fine, too.
async function openOrMake(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, 'a+', mode);
  } catch (error) {
    if (codeOf(error) === 'EACCES') return await open(path, constants.O_WRONLY | constants.O_APPEND);
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeDirectory(dirname(path));
    return await open(path, 'a+', mode);
  }
}

/** Not by mkdir's `recursive`, which tries for ever where a directory is there and takes no other one: in /proc. */
async function makeDirectory(path: string): Promise<void> {
  const make = () =>
    mkdir(path, 0o700).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await make();
  }
}

async function isUnfinished(handle: FileHandle): Promise<boolean> {
  try {
    const {size} = await handle.stat();
    if (size === 0) return false;
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (bytesRead === 0 || buffer[0] === 10) return false;
    await delay(SETTLE_MS);
    return (await handle.stat()).size === size;
  } catch (error) {
    if (codeOf(error) === 'EBADF') return false; // open for appending alone
    throw error;
  }
}
