import {readFile, stat} from 'node:fs/promises';
import {isAbsolute, join} from 'node:path';
import type {EnvMap} from '@keelson/env';
import {run} from '@keelson/spawn';
import {isFault, type StepOptions} from '@keelson/step';

export interface SecretSources extends Pick<StepOptions, 'signal'> {
  /** CREDENTIALS_DIRECTORY of it is where systemd puts credentials (systemd.exec(5)). */
  readonly environment: Readonly<Record<string, string | undefined>> | undefined;
}

/** A way to get a value; what it throws says why there is none, never a part of it. */
type Reader = (reference: string, sources: SecretSources) => Promise<string>;

const MAX_BYTES = 64 * 1024;
const TIMEOUT_MS = 30_000;

class Unreadable extends Error {}

const READERS = {
  credential(name, {environment}) {
    const dir = environment?.['CREDENTIALS_DIRECTORY'];
    if (dir === undefined)
      throw new Unreadable('CREDENTIALS_DIRECTORY is not set: systemd was not asked for credentials');
    if (!/^[^/\0]+$/.test(name) || name === '..') throw new Unreadable('it is no name of a credential');
    return textOf(join(dir, name));
  },
  file(path) {
    if (!isAbsolute(path)) throw new Unreadable('the path is not absolute');
    return textOf(path);
  },
  async command(line, {signal, environment}) {
    const env = {
      PATH: environment?.['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      HOME: environment?.['HOME'] ?? '/',
    };
    try {
      const {stdout} = await run(
        {command: line, shell: true, cwd: '/', env},
        {signal, timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_BYTES},
      );
      return stdout;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isFault(error)) throw error;
      const {output} = error as {output?: {code: number | null}};
      throw new Unreadable(
        error.code === 'SPAWN_EXIT'
          ? `the command ended with exit code ${output?.code}`
          : `the command failed (${error.code})`,
      );
    }
  },
} satisfies Record<string, Reader>;

const REFERENCE = /^secret:(credential|file|command):(.+)$/s;

/**
 * Puts in what values such as `secret:credential:db-password`, `secret:file:/run/secrets/db` and `secret:command:vault read …` refer to,
 * without a last newline. Returns the values, or why there are none, one line for each that cannot be read.
 */
export async function resolveSecrets(
  values: EnvMap,
  sources: SecretSources,
): Promise<{readonly values: EnvMap} | {readonly problems: readonly string[]}> {
  const problems: string[] = [];
  const resolved: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const [, kind, reference] = REFERENCE.exec(value) ?? [];
    if (kind === undefined) {
      resolved[name] = value;
      continue;
    }
    try {
      const read: Reader = READERS[kind as keyof typeof READERS];
      resolved[name] = (await read(reference!, sources)).replace(/\r?\n$/, '');
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push(`${name}: the secret (${kind}) cannot be read: ${error.message}`);
    }
  }
  return problems.length > 0 ? {problems} : {values: resolved};
}

async function textOf(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new Unreadable(`${path} has more than ${MAX_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(`${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
