import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import type {Format} from './formats/table.ts';

type Render = (view: object) => string;

export interface TemplateOptions {
  /** Directories with templates of one's own, `FORMAT/NAME.hbs`; the first that has one is asked. */
  readonly templates?: readonly string[] | undefined;
}

const BUILT_IN = new URL('../templates/', import.meta.url);

async function readTemplate(file: string, directories: readonly string[]): Promise<string> {
  for (const directory of directories) {
    try {
      return await readFile(join(directory, file), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return readFile(new URL(file, BUILT_IN), 'utf8');
}

/**
 * Compiled templates of a format. Nothing is escaped by them: every field of a view is already in the words of the format,
 * and a field that the view lacks is an error, not an empty text.
 */
export async function loadTemplates<Name extends string>(
  format: Format,
  names: readonly Name[],
  {templates = []}: TemplateOptions = {},
): Promise<Record<Name, Render>> {
  const {default: handlebars} = await import('handlebars');
  const load = async (name: Name): Promise<[Name, Render]> => {
    const text = await readTemplate(`${format}/${name}.hbs`, templates);
    return [name, handlebars.compile(text, {noEscape: true, strict: true})];
  };
  return Object.fromEntries(await Promise.all(names.map(load))) as Record<Name, Render>;
}
