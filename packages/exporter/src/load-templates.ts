import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import type {Format} from './formats/table.ts';

type Render = (view: object) => string;

export interface TemplateOptions {
  /** Directories with templates of one's own, `FORMAT/NAME.hbs`; the first that has one is asked. */
  readonly templates?: readonly string[] | undefined;
}

const BUILT_IN = new URL('../templates/', import.meta.url);

// Compiling is most of what a rendering costs; ours don't change while a program runs.
const compiled = new Map<string, Promise<Render>>();

async function compile(text: string): Promise<Render> {
  const {default: handlebars} = await import('handlebars');
  return handlebars.compile(text, {noEscape: true, strict: true});
}

function builtIn(file: string): Promise<Render> {
  const known = compiled.get(file);
  if (known) return known;
  const made = readFile(new URL(file, BUILT_IN), 'utf8').then(compile);
  compiled.set(file, made);
  return made;
}

async function template(file: string, directories: readonly string[]): Promise<Render> {
  for (const directory of directories) {
    try {
      return await compile(await readFile(join(directory, file), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return builtIn(file);
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
  const loaded: [Name, Render][] = [];
  for (const name of names) loaded.push([name, await template(`${format}/${name}.hbs`, templates)]);
  return Object.fromEntries(loaded) as Record<Name, Render>;
}
