import {readdir} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';

import {userHome} from '@keelson/atomic-fs';
import type {Format} from '@keelson/exporter';

import {AppExportFault} from './fault.ts';

export interface TemplateOptions {
  /** Directories with templates, asked before all others. */
  readonly templates?: readonly string[] | undefined;
  /** Uid of who had root do it, such as by sudo. Default: root itself. */
  readonly caller?: number | undefined;
}

async function hasTemplates(directory: string, format: Format): Promise<boolean> {
  const names = await readdir(join(directory, format)).catch(() => []);
  return names.some((name) => name.endsWith('.hbs'));
}

/** Where an app, and a user, keep templates of their own. */
export const OWN_TEMPLATES = '.keelson/templates';
const OF_USER = '.config/keelson/templates';

/** What a template says runs with the rights of the service manager: root's are of root, or of who asked for it. */
async function refuseForeign(above: string, folder: string, caller: number | undefined): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const {foreignOwner} = await import('./foreign-owner.ts');
  const foreign = await foreignOwner(folder, above, caller === undefined ? [0] : [0, caller]);
  if (foreign === undefined) return;
  const why =
    foreign.uid === undefined ? 'everybody may write to it' : `it belongs to the account ${foreign.uid}`;
  throw new AppExportFault('EXPORT_TEMPLATE', `root does not use ${foreign.path}: ${why}`, {
    hint: `If you have read the templates there, make them root's (chown -R root), or name them: --template ${dirname(folder)}`,
  });
}

/**
 * The directories that have templates for a format, in the order in which they are asked: those that are given, the app's, the user's.
 * Faults: EXPORT_TEMPLATE for one that is given and has none, and for root for one of the app or the user that is neither root's nor the
 * caller's.
 */
export async function templateDirectories(
  format: Format,
  dir: string,
  {templates: given = [], caller}: TemplateOptions = {},
): Promise<string[]> {
  for (const directory of given) {
    if (await hasTemplates(resolve(directory), format)) continue;
    throw new AppExportFault('EXPORT_TEMPLATE', `${resolve(directory, format)} has no template (*.hbs)`, {
      hint: `\`keelson export eject ${format} --out ${directory}\` writes the built-in ones there.`,
    });
  }
  const found = given.map((directory) => resolve(directory));
  const home = userHome();
  const known = [
    {above: dir, directory: join(dir, OWN_TEMPLATES)},
    ...(home === undefined ? [] : [{above: home, directory: join(home, OF_USER)}]),
  ];
  for (const {above, directory} of known) {
    if (found.includes(directory) || !(await hasTemplates(directory, format))) continue;
    await refuseForeign(above, join(directory, format), caller);
    found.push(directory);
  }
  return found;
}
