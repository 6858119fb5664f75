import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {parseEnv} from 'node:util';

/**
 * The PORT that `<dir>/.env` sets. Only this one name is looked for, with Node's own parser, or in the capitals of a JSON object's keys:
 * what else the file holds, and whether it is right, is for @keelson/env to say.
 */
export async function envFilePort(dir: string): Promise<string | undefined> {
  const text = (await readFile(join(dir, '.env'), 'utf8').catch(() => '')).replace(/^\uFEFF/, '');
  return text.trimStart().startsWith('{') ? portOfJson(text) : parseEnv(text)['PORT'];
}

function portOfJson(text: string): string | undefined {
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const port = entries.find(([name]) => name.toUpperCase() === 'PORT')?.[1];
    return typeof port === 'string' || typeof port === 'number' ? String(port) : undefined;
  } catch {
    return undefined;
  }
}
