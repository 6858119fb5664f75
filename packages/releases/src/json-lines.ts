import {open, type FileHandle} from 'node:fs/promises';

/** How much of the end of a file is read. */
const MAX_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Appends a value as one line and waits until it is on the disk. A line that a crash tore before is ended first. */
export async function appendLine(path: string, value: object): Promise<void> {
  const file = await open(path, 'a+', 0o600);
  try {
    const start = (await endsWithNewline(file)) ? '' : '\n';
    await file.appendFile(`${start}${JSON.stringify(value)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The last values (those in the last MiB), oldest first. Lines that are no JSON were torn by a crash and are passed over. */
export async function readLines<T>(path: string): Promise<T[]> {
  const text = await readEnd(path);
  return text.split('\n').flatMap((line) => {
    try {
      const value = JSON.parse(line) as T | null;
      return typeof value === 'object' && value !== null ? [value] : [];
    } catch {
      return [];
    }
  });
}

async function endsWithNewline(file: FileHandle): Promise<boolean> {
  const {size} = await file.stat();
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}

async function readEnd(path: string): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const {size} = await file.stat();
    const start = Math.max(0, size - MAX_BYTES);
    const buffer = Buffer.alloc(size - start);
    const {bytesRead} = await file.read(buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
