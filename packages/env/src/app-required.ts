import {isFault, type StepOptions} from '@keelson/step';

import type {EnvType} from './value-type.ts';

/**
 * What `keelson.required` in `<dir>/package.json` asks for. Faults: those of `readManifest`; with `optional` a package.json that is
 * not there asks for nothing.
 */
export async function appRequired(
  dir: string,
  options: StepOptions & {readonly optional?: boolean | undefined} = {},
): Promise<Readonly<Record<string, EnvType>>> {
  const {readManifest} = await import('@keelson/manifest'); // loads zod
  try {
    const {app} = await readManifest(dir, {signal: options.signal});
    return {
      ...Object.fromEntries(app.required.map((name) => [name, 'string' as const])),
      ...app.requiredTypes,
    };
  } catch (error) {
    if (options.optional && isFault(error) && error.code === 'MANIFEST_MISSING') return {};
    throw error;
  }
}
