import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {nearest} from '@keelson/cli-kit/nearest';
import {ExportFault} from './fault.ts';
import type {Format} from './formats/table.ts';

type Render = (view: object) => string;

export interface TemplateOptions {
  /** Directories with templates of one's own, `FORMAT/NAME.hbs`; the first that has one is asked. One without any of the format is passed over. */
  readonly templates?: readonly string[] | undefined;
}

const BUILT_IN = new URL('../templates/', import.meta.url);

// Compiling is most of what a rendering costs; ours don't change while a program runs.
const compiled = new Map<string, Promise<Render>>();

/** What Handlebars has against a template, without its excerpt of several lines. */
function refuse(path: string, cause: unknown): never {
  const [first = '', ...more] = (cause as Error).message.split('\n');
  const because = first.endsWith(':') ? `${first} ${more.at(-1) ?? ''}` : first;
  throw new ExportFault('EXPORT_TEMPLATE', `${path}: ${because}`, {
    cause,
    hint: 'A field that may be missing stands in {{#if field}}; what a template can ask for, the built-in one does.',
  });
}

async function compile(text: string, path: string): Promise<Render> {
  const {default: handlebars} = await import('handlebars');
  const render = handlebars.compile(text, {noEscape: true, strict: true});
  return (view) => {
    try {
      return render(view);
    } catch (error) {
      return refuse(path, error);
    }
  };
}

function builtIn(file: string): Promise<Render> {
  const known = compiled.get(file);
  if (known) return known;
  const url = new URL(file, BUILT_IN);
  const made = readFile(url, 'utf8').then((text) => compile(text, url.pathname));
  compiled.set(file, made);
  return made;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory))
      .filter((name) => name.endsWith('.hbs'))
      .map((name) => name.slice(0, -4));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Templates of one's own by name, those of earlier directories first. A name that the format doesn't know would never be asked. */
async function ownTemplates(
  format: Format,
  known: readonly string[],
  directories: readonly string[],
): Promise<Map<string, string>> {
  const own = new Map<string, string>();
  for (const directory of directories) {
    const folder = join(directory, format);
    for (const name of await namesIn(folder)) {
      if (!known.includes(name)) {
        throw new ExportFault(
          'EXPORT_TEMPLATE',
          `${join(folder, `${name}.hbs`)}: ${format} has no template of this name`,
          {
            hint: `Did you mean ${nearest(name, known) ?? known.join(', ')}?`,
          },
        );
      }
      if (!own.has(name)) own.set(name, join(folder, `${name}.hbs`));
    }
  }
  return own;
}

/**
 * Compiled templates of a format. Nothing is escaped by them: every field of a view is already in the words of the format,
 * and a field that the view lacks is an error, not an empty text. Faults: EXPORT_TEMPLATE, when one is asked too.
 */
export async function loadTemplates<Name extends string>(
  format: Format,
  names: readonly Name[],
  {templates = []}: TemplateOptions = {},
): Promise<Record<Name, Render>> {
  const own = await ownTemplates(format, names, templates);
  const loaded: [Name, Render][] = [];
  for (const name of names) {
    const path = own.get(name);
    const render =
      path === undefined
        ? builtIn(`${format}/${name}.hbs`)
        : readFile(path, 'utf8').then((text) => compile(text, path));
    loaded.push([name, await render]);
  }
  return Object.fromEntries(loaded) as Record<Name, Render>;
}
