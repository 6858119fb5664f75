import {readdir} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join, resolve} from 'node:path';

import type {Format} from '@keelson/exporter';

import {AppExportFault} from './fault.ts';

async function hasTemplates(directory: string, format: Format): Promise<boolean> {
  const names = await readdir(join(directory, format)).catch(() => []);
  return names.some((name) => name.endsWith('.hbs'));
}

/** Where an app, and a user, keep templates of their own. */
export const OWN_TEMPLATES = '.keelson/templates';
const OF_USER = '.config/keelson/templates';

/**
 * The directories that have templates for a format, in the order in which they are asked: those that are given, the app's, the user's.
 * Faults: EXPORT_TEMPLATE for one that is given and has none.
 */
export async function templateDirectories(
  format: Format,
  dir: string,
  given: readonly string[] = [],
): Promise<string[]> {
  for (const directory of given) {
    if (await hasTemplates(resolve(directory), format)) continue;
    throw new AppExportFault('EXPORT_TEMPLATE', `${resolve(directory, format)} has no template (*.hbs)`, {
      hint: `\`keelson export eject ${format} --out ${directory}\` writes the built-in ones there.`,
    });
  }
  const known = [join(dir, OWN_TEMPLATES), join(homedir(), OF_USER)];
  const there = await Promise.all(known.map((directory) => hasTemplates(directory, format)));
  return [...given.map((directory) => resolve(directory)), ...known.filter((_, index) => there[index])];
}
