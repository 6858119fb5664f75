import {readFile} from 'node:fs/promises';
import {dirname, join, resolve} from 'node:path';

import type {AppConfig} from '@keelson/manifest';
import type {Procfile} from '@keelson/procfile';
import type {StepOptions} from '@keelson/step';

export interface AppOptions {
  /** Path of the Procfile. Default: `Procfile` in the root. */
  readonly procfile?: string | undefined;
  /** Where the processes run, and `.env` and package.json are. Default: where the Procfile is. */
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
  const {procfile: path, processEnv} = options;
  const root = resolve(options.root ?? (path === undefined ? '.' : dirname(path)));
  const {readProcfile} = await import('@keelson/procfile');
  const [procfile, config, layers] = await Promise.all([
    readProcfile(root, {...step, file: path === undefined ? undefined : resolve(path)}),
    readConfig(root, step),
    readEnv(root, options.envFiles, step),
  ]);
  const {bindEnv} = await import('@keelson/env');
  const bound = bindEnv([{name: '', values: processEnv}, ...layers], {
    required: config.requiredTypes ?? config.required,
  });
  const fromFiles = new Map(Object.entries(bound.origin).filter(([, origin]) => origin !== ''));
  const warnings = bound.warnings.map(({path, line, message}) => `${path}:${line}: ${message}`);
  return {root, procfile, env: bound.values, fromFiles, warnings, config};
}

/** One-off commands need no Procfile: then the app has no types. */
export async function readAppOrEnv(options: AppOptions, step: StepOptions = {}): Promise<ForemanApp> {
  const {isFault} = await import('@keelson/step');
  try {
    return await readApp(options, step);
  } catch (error) {
    if (!isFault(error) || error.code !== 'PROCFILE_MISSING' || options.procfile !== undefined) throw error;
  }
  const root = resolve(options.root ?? '.');
  const {bindEnv} = await import('@keelson/env');
  const layers = await readEnv(root, options.envFiles, step);
  const {values} = bindEnv([{name: '', values: options.processEnv}, ...layers]);
  return {
    root,
    procfile: {kind: 'procfile', types: []},
    env: values,
    fromFiles: new Map(),
    warnings: [],
    config: {},
  };
}

async function readEnv(root: string, files: readonly string[] | undefined, step: StepOptions) {
  const {readEnvFile} = await import('@keelson/env');
  if (files === undefined || files.length === 0) {
    const layer = await readEnvFile(join(root, '.env'), {...step, optional: true});
    return [{...layer, name: '.env'}];
  }
  return Promise.all(files.map((file) => readEnvFile(file, step)));
}

/** A package.json without a `keelson` section is not looked at any closer: Procfile apps need none, and zod takes time to load. */
async function readConfig(root: string, step: StepOptions): Promise<Partial<AppConfig>> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '');
  if (!text.includes('"keelson"')) return {};
  const {readManifest} = await import('@keelson/manifest');
  return (await readManifest(root, step)).app;
}
