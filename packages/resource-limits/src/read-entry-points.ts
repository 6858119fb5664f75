import {LimitsFault} from './fault.ts';
import {type EntryPoints, parseEntryPoints} from './parse-entry-points.ts';

/** The entry points of a JSON file. Faults: LIMITS_FILE. */
export async function readEntryPoints(file: string): Promise<EntryPoints> {
  const {default: fs} = await import('fs-extra');
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (cause) {
    const {code = 'unknown'} = cause as NodeJS.ErrnoException;
    const because = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new LimitsFault('LIMITS_FILE', `${file}: ${because}`, {cause});
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LimitsFault('LIMITS_FILE', `${file}: it is not JSON: ${(cause as Error).message}`, {cause});
  }
  return parseEntryPoints(value, {file});
}
