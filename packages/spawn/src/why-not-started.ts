import {open, stat} from 'node:fs/promises';
import {resolve} from 'node:path';
import {SpawnFault} from './fault.ts';
import type {LaunchSpec} from './launch-spec.ts';

const HINTS: Readonly<Record<string, string>> = {
  E2BIG:
    'Its command line or its environment is larger than the system takes (Linux: 128 KiB for one string): put that in a file.',
  EAGAIN:
    'There are as many processes as this user or service may have: raise the limit (ulimit -u, TasksMax).',
  EMFILE: 'This program has as many files open as it may: raise the limit (ulimit -n).',
};

/** spawn(2)'s ENOENT tells a missing command, a missing folder and a missing interpreter not apart: find out which it was. */
export async function whyNotStarted(spec: LaunchSpec, error: unknown): Promise<SpawnFault> {
  const {code, message} = error as NodeJS.ErrnoException;
  const command = spec.shell ? '/bin/sh' : spec.command;
  const cwd = resolve(spec.cwd ?? '.');
  const notFound = (because: string, hint?: string) =>
    new SpawnFault('SPAWN_NOT_FOUND', `cannot start ${command}: ${because}`, {cause: error, hint});

  if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') {
    const folder = await stat(cwd).catch(() => undefined);
    if (folder === undefined) return notFound(`its working directory ${cwd} does not exist`);
    if (!folder.isDirectory()) return notFound(`its working directory ${cwd} is not a directory`);
    if (!command.includes('/'))
      return notFound(`there is no such command on PATH (working directory ${cwd})`, `Install ${command}.`);
    const file = resolve(cwd, command);
    const interpreter = await readInterpreter(file);
    if (interpreter === undefined) return notFound(`${file} does not exist (working directory ${cwd})`);
    if (code === 'EACCES') return notFound(`${file} is not executable (working directory ${cwd})`);
    return notFound(`${file} exists, but its interpreter ${interpreter} does not (working directory ${cwd})`);
  }
  // Node's words about an argument or a variable with a NUL in it end with the value, which may be a secret.
  const because = code === 'ERR_INVALID_ARG_VALUE' ? message.replace(/\.? Received .*/s, '') : message;
  return new SpawnFault('SPAWN_FAILED', `cannot start ${command} in ${cwd}: ${because}`, {
    ...(because === message && {cause: error}),
    hint: code === undefined ? undefined : HINTS[code],
    temporary: code === 'EAGAIN' || code === 'EMFILE' || code === 'ENFILE' || code === 'ENOMEM',
  });
}

/** What stands behind `#!`; undefined when there is no such file. */
async function readInterpreter(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => error.code);
  if (handle === 'ENOENT' || handle === 'ENOTDIR') return undefined;
  if (handle === undefined || typeof handle === 'string') return '';
  try {
    const {bytesRead, buffer} = await handle.read(Buffer.alloc(256), 0, 256, 0);
    return /^#!\s*(\S+)/.exec(buffer.toString('utf8', 0, bytesRead))?.[1] ?? '(dynamic loader)';
  } catch {
    return ''; // a directory
  } finally {
    await handle.close();
  }
}
