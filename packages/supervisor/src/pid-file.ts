import {mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {basename, dirname, resolve} from 'node:path';
import {SupervisorFault} from './fault.ts';

const PROGRAM = /^keelson(-run)?(\.js)?$/;

/**
 * Writes our pid to a file. What a dead process has left there is replaced; disposing removes it, as long as it is ours.
 * @throws SupervisorFault SUPERVISOR_PID_FILE, when the process in it lives or it cannot be written
 */
export async function writePidFile(wanted: string): Promise<AsyncDisposable> {
  const path = resolve(wanted);
  const temporary = `${path}.${process.pid}`;
  const other = await livingProcess(path);
  if (other !== undefined) {
    throw new SupervisorFault('SUPERVISOR_PID_FILE', `${path} says that process ${other} runs, and it does`, {
      hint: 'Stop that one, or choose another --pid-file.',
    });
  }
  try {
    await mkdir(dirname(path), {recursive: true});
    await writeFile(temporary, `${process.pid}\n`);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, {force: true}).catch(() => {});
    throw new SupervisorFault('SUPERVISOR_PID_FILE', `Cannot write ${path}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return {
    async [Symbol.asyncDispose]() {
      const content = await readFile(path, 'utf8').catch(() => '');
      if (content.trim() === String(process.pid)) await rm(path, {force: true});
    },
  };
}

/** The process that a pid file names, unless it is gone, or something else than Keelson has got its number since. */
async function livingProcess(path: string): Promise<number | undefined> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return undefined;
  // Empty for a zombie.
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return words.split('\0').some((word) => PROGRAM.test(basename(word))) ? pid : undefined;
}
