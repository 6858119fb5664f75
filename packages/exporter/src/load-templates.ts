import {readFile} from 'node:fs/promises';

import type {Format} from './formats/table.ts';

type Render = (view: object) => string;

/**
 * Compiled templates of a format. Nothing is escaped by them: every field of a view is already in the words of the format,
 * and a field that the view lacks is an error, not an empty text.
 */
export async function loadTemplates<Name extends string>(
  format: Format,
  names: readonly Name[],
): Promise<Record<Name, Render>> {
  const {default: handlebars} = await import('handlebars');
  const load = async (name: Name): Promise<[Name, Render]> => {
    const text = await readFile(new URL(`../templates/${format}/${name}.hbs`, import.meta.url), 'utf8');
    return [name, handlebars.compile(text, {noEscape: true, strict: true})];
  };
  return Object.fromEntries(await Promise.all(names.map(load))) as Record<Name, Render>;
}
