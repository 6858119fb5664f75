import {readFile, stat} from 'node:fs/promises';
import {join, resolve} from 'node:path';
import type {StepOptions} from '@keelson/step';
import type {AppConfig} from './app-config.ts';
import {ManifestFault} from './fault.ts';
import {findSyntaxError} from './find-syntax-error.ts';

export interface AppManifest {
  readonly kind: 'app-manifest';
  readonly name: string;
  /** `0.0.0` when package.json has none. */
  readonly version: string;
  /** `engines.node` */
  readonly node: string | undefined;
  /** The `packageManager` field, e.g. `pnpm@10.1.0`. */
  readonly packageManager: string | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  readonly app: AppConfig;
}

const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads `<dir>/package.json` and its `keelson` section.
 * Faults: all of ManifestFault; MANIFEST_INVALID names file, line and column or every field that is wrong, and the nearest known key.
 */
export async function readManifest(dir: string, options: StepOptions = {}): Promise<AppManifest> {
  options.signal?.throwIfAborted();
  const path = join(resolve(dir), 'package.json');
  const value = parseJson(await readText(path), path);
  const {checkManifest} = await import('./check-manifest.ts'); // zod takes 60 ms to load
  options.signal?.throwIfAborted();
  return checkManifest(value, path);
}

async function readText(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_BYTES)
      throw new ManifestFault('MANIFEST_INVALID', `${path} is larger than ${MAX_BYTES} bytes`);
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    if (code === 'MANIFEST_INVALID') throw error;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new ManifestFault('MANIFEST_INVALID', `${path} cannot be read: ${message}`, {cause: error});
    throw new ManifestFault('MANIFEST_MISSING', `${path} does not exist`, {
      cause: error,
      hint: 'Name the folder of a Node app, or run `npm init` in it.',
    });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const index = findSyntaxError(text) ?? text.length;
    const before = text.slice(0, index).split('\n');
    const where = `${path}:${before.length}:${before.at(-1)!.length + 1}`;
    const [found] = text.slice(index);
    const what = found === undefined ? 'unexpected end of file' : `unexpected ${JSON.stringify(found)}`;
    throw new ManifestFault('MANIFEST_INVALID', `${where}: ${what}`, {
      cause,
      hint: 'package.json is plain JSON: no comments, no comma after the last entry.',
    });
  }
}
