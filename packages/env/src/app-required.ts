import {readFile} from 'node:fs/promises';
import {join} from 'node:path';

import type {StepOptions} from '@keelson/step';

import type {EnvType} from './value-type.ts';

/**
 * What `keelson.required` in `<dir>/package.json` asks for. With `optional`, a package.json that is not there, or that has no `keelson`
 * section and may have no name either, asks for nothing. Faults: those of `readManifest`.
 */
export async function appRequired(
  dir: string,
  options: StepOptions & {readonly optional?: boolean | undefined} = {},
): Promise<Readonly<Record<string, EnvType>>> {
  if (options.optional && !(await mentionsUs(dir))) return {};
  const {readManifest} = await import('@keelson/manifest'); // loads zod
  const {app} = await readManifest(dir, {signal: options.signal});
  return {
    ...Object.fromEntries(app.required.map((name) => [name, 'string' as const])),
    ...app.requiredTypes,
  };
}

async function mentionsUs(dir: string): Promise<boolean> {
  const text = await readFile(join(dir, 'package.json'), 'utf8').catch(() => '');
  return text.includes('"keelson"');
}
