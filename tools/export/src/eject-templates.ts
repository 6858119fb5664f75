import {copyFile, mkdir, readdir} from 'node:fs/promises';
import {constants} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join, resolve} from 'node:path';

import type {Format} from '@keelson/exporter';
import type {StepOptions} from '@keelson/step';

import {AppExportFault} from './fault.ts';
import {OWN_TEMPLATES} from './template-directories.ts';

export interface Ejected {
  readonly kind: 'ejected';
  readonly format: Format;
  /** Absolute. */
  readonly files: readonly string[];
}

const BUILT_IN = join(
  dirname(createRequire(import.meta.url).resolve('@keelson/exporter/package.json')),
  'templates',
);

/**
 * Copies the built-in templates of a format to edit them, by default to where an export of the app in the working directory finds them.
 * Faults: EXPORT_TEMPLATE for a format without templates, or when one is there already: then nothing is copied.
 */
export async function ejectTemplates(
  format: Format,
  {to = OWN_TEMPLATES, signal}: StepOptions & {readonly to?: string | undefined} = {},
): Promise<Ejected> {
  signal?.throwIfAborted();
  const {FORMAT_NAMES} = await import('@keelson/exporter');
  if (!FORMAT_NAMES.includes(format))
    throw new AppExportFault('EXPORT_TEMPLATE', `there is no format ${format}`, {
      hint: `There are ${FORMAT_NAMES.join(', ')}.`,
    });
  const names = (await readdir(join(BUILT_IN, format)).catch(() => [])).filter((name) =>
    name.endsWith('.hbs'),
  );
  if (names.length === 0)
    throw new AppExportFault('EXPORT_TEMPLATE', `${format} is not rendered by templates`, {
      hint: 'Its fields can be set with --set.',
    });
  const folder = resolve(to, format);
  const there = new Set(await readdir(folder).catch(() => []));
  const inTheWay = names.filter((name) => there.has(name));
  if (inTheWay.length > 0)
    throw new AppExportFault('EXPORT_TEMPLATE', `${join(folder, inTheWay[0]!)} is there already`, {
      hint: 'Move it away, or choose another directory with --out.',
    });
  await mkdir(folder, {recursive: true});
  const files = names.map((name) => join(folder, name));
  for (const [index, name] of names.entries())
    await copyFile(join(BUILT_IN, format, name), files[index]!, constants.COPYFILE_EXCL);
  return {kind: 'ejected', format, files};
}
