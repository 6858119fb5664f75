import {constants} from 'node:fs';
import {access, stat} from 'node:fs/promises';
import {dirname, join} from 'node:path';

const SYSTEM = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** PATH of an app's processes: its own tools, the Node that it is exported with, the system. */
export function searchPath(dir: string, node: string): string[] {
  return [...new Set([join(dir, 'node_modules/.bin'), dirname(node), ...SYSTEM])];
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** Where each program lies; links stay links, so that a path below `…/current` stays right after the next release. */
export async function programPaths(
  names: readonly string[],
  path: readonly string[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of names) {
    for (const directory of path) {
      const program = join(directory, name);
      if (!(await isProgram(program))) continue;
      found[name] = program;
      break;
    }
  }
  return found;
}
