import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {dirname, join, relative, resolve} from 'node:path';

import type {BindOptions} from '@keelson/env';
import type {AppConfig} from '@keelson/manifest';
import {readProcfile, type Procfile} from '@keelson/procfile';
import {isFault, type StepOptions} from '@keelson/step';

export interface AppOptions {
  /** Path of the Procfile. Default: `Procfile` in the root. */
  readonly procfile?: string | undefined;
  /** Where the processes run, and `.env` and package.json are. Default: where the Procfile is, for `/dev/stdin` here. */
  readonly root?: string | undefined;
  /** Env files; later ones win. Default: `.env` in the root, if there is one. */
  readonly envFiles?: readonly string[] | undefined;
  /** What the files are laid over. */
  readonly processEnv: Readonly<Record<string, string | undefined>>;
}

/** Everything that a directory says about the app in it. */
export interface ForemanApp {
  readonly root: string;
  readonly procfile: Procfile;
  readonly env: Readonly<Record<string, string>>;
  /** Of `env`, by the names of the files that they came from; what is not in it came with `processEnv`. */
  readonly fromFiles: ReadonlyMap<string, string>;
  /** What the env files say otherwise than other tools would read it, and the like: lines for people. */
  readonly warnings: readonly string[];
  /** The `keelson` section of package.json. */
  readonly config: Partial<Pick<AppConfig, 'formation' | 'processes'>>;
}

/**
 * Reads Procfile, env files and package.json.
 * Faults: those of @keelson/procfile and @keelson/env; MANIFEST_INVALID.
 */
export async function readApp(options: AppOptions, step: StepOptions = {}): Promise<ForemanApp> {
  const {procfile: path} = options;
  const root = rootOf(options);
  const [procfile, config] = await Promise.all([
    readProcfile(root, {...step, file: path === undefined ? undefined : resolve(path)}),
    readConfig(root, step),
  ]);
  const required = config.requiredTypes ?? config.required;
  return {root, procfile, config, ...(await bindFiles(root, {...options, required}, step))};
}

/** One-off commands need no Procfile: then the app has no types. */
export async function readAppOrEnv(options: AppOptions, step: StepOptions = {}): Promise<ForemanApp> {
  try {
    return await readApp(options, step);
  } catch (error) {
    if (!isFault(error) || error.code !== 'PROCFILE_MISSING' || options.procfile !== undefined) throw error;
  }
  const root = rootOf(options);
  const bound = await bindFiles(root, options, step);
  return {root, procfile: {kind: 'procfile', types: []}, config: {}, ...bound};
}

/** `-f <(…)` and /dev/stdin are nowhere: what is in them is run here. */
function rootOf({root, procfile = 'Procfile'}: AppOptions): string {
  return resolve(root ?? (/^\/(dev|proc)\//.test(procfile) ? '.' : dirname(procfile)));
}

/** Where nothing is to be bound, what binds is not loaded: a start is as quick as its slowest module. */
async function bindFiles(
  root: string,
  {envFiles = [], processEnv, required}: AppOptions & {readonly required?: BindOptions['required']},
  step: StepOptions,
): Promise<Pick<ForemanApp, 'env' | 'fromFiles' | 'warnings'>> {
  const byDefault = join(relative(process.cwd(), root), '.env');
  const files = envFiles.length > 0 || !existsSync(byDefault) ? envFiles : [byDefault];
  if (files.length === 0 && required === undefined) {
    const set = Object.entries(processEnv).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {env: Object.fromEntries(set), fromFiles: new Map(), warnings: []};
  }
  const {layEnv, readEnvFile} = await import('@keelson/env');
  const layers = await Promise.all(files.map((file) => readEnvFile(file, step)));
  const bound = layEnv([{name: '', values: processEnv}, ...layers], {required});
  const fromFiles = new Map(Object.entries(bound.origin).filter(([, origin]) => origin !== ''));
  const warnings = bound.warnings.map(({path, line, message}) => `${path}:${line}: ${message}`);
  return {env: bound.values, fromFiles, warnings};
}

/** A package.json without a `keelson` section is not looked at any closer: Procfile apps need none, and zod takes time to load. */
async function readConfig(root: string, step: StepOptions): Promise<Partial<AppConfig>> {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return {};
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.includes('"keelson"')) return {};
  const {readManifest} = await import('@keelson/manifest');
  return (await readManifest(root, step)).app;
}
