import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parseEnv} from 'node:util';

/**
 * The PORT that `<dir>/.env` sets. Only this one name is looked for, with Node's own parser: what else the file holds, and whether it
 * is right, is for @keelson/env to say. A JSON file is not looked into.
 */
export async function envFilePort(dir: string): Promise<string | undefined> {
  const text = await readFile(join(dir, '.env'), 'utf8').catch(() => '');
  return parseEnv(text.replace(/^\uFEFF/, ''))['PORT'];
}
