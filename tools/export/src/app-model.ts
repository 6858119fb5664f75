import {join} from 'node:path';

import type {ServiceModel, ServiceProcess} from '@keelson/exporter';
import type {ProcessConfig} from '@keelson/manifest';
import type {Instance} from '@keelson/procfile';
import type {StepOptions} from '@keelson/step';

import {accountOf} from './account-of.ts';
import {AppExportFault} from './fault.ts';
import {appManifest, type OwnManifest} from './app-manifest.ts';
import {appName} from './app-name.ts';
import {appShares, type Share, shareEnv, type ShareOptions} from './app-shares.ts';
import type {ExportEvent} from './export-app.ts';
import {programPaths, searchPath} from './program-paths.ts';

export interface AppModelOptions extends StepOptions<ExportEvent> {
  /** Name of the units. Default: of package.json, else of the directory. */
  readonly app?: string | undefined;
  /** Default: the owner of the directory, unless that is root. */
  readonly user?: {readonly name: string; readonly group?: string | undefined} | undefined;
  /** Env files; later ones win. Default: `<dir>/.env` if there is one. */
  readonly env?: readonly string[] | undefined;
  /** Default `Procfile`. */
  readonly procfile?: string | undefined;
  /** `web=2,worker=1`. Default: the manifest's, else one of each type. */
  readonly formation?: string | undefined;
  /** Of the first instance of the first type. Default 5000. */
  readonly port?: number | undefined;
  /** Shares memory out over the instances. Default: no limits. */
  readonly share?: ShareOptions | undefined;
  /** Where the units will lie, and the Node that runs the app (default: this one). */
  readonly paths?: {readonly unitDir?: string | undefined; readonly node?: string | undefined} | undefined;
}

interface Warning {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const noted = (warnings: readonly Warning[], onEvent: AppModelOptions['onEvent']) =>
  warnings.forEach(({path, line, message}) =>
    onEvent?.({type: 'export:noted', line: `warning: ${path}:${line}: ${message}`}),
  );

async function boundEnv(
  dir: string,
  required: readonly string[] | undefined,
  {env: files, onEvent}: AppModelOptions,
): Promise<Readonly<Record<string, string>>> {
  const {bindEnv, readEnvFile} = await import('@keelson/env');
  const layers = files?.length
    ? await Promise.all(files.map((file) => readEnvFile(file)))
    : [await readEnvFile(join(dir, '.env'), {optional: true})];
  const {values, warnings} = bindEnv(layers, {required});
  noted(warnings, onEvent);
  return values;
}

async function instancesOf(
  dir: string,
  {app}: OwnManifest,
  {formation, port, procfile, onEvent}: AppModelOptions,
): Promise<Instance[]> {
  const {expandFormation, parseFormation, procfileWarnings, readProcfile} = await import('@keelson/procfile');
  const counts = formation === undefined ? app?.formation : parseFormation(formation);
  const read = await readProcfile(dir, {file: procfile});
  noted(procfileWarnings(read, procfile), onEvent);
  return expandFormation(read, counts, {basePort: port});
}

function processOf(
  instances: readonly [Instance, ...Instance[]],
  env: Readonly<Record<string, string>>,
  {share, tuning = {}}: {readonly share: Share | undefined; readonly tuning: ProcessConfig | undefined},
): ServiceProcess {
  const {type, command, port} = instances[0];
  const {graceMs: timeoutMs, stopSignal: signal} = tuning;
  const stop = {...(signal && {signal}), ...(timeoutMs !== undefined && {timeoutMs})};
  return {
    name: type,
    command,
    instances: instances.length,
    port: {base: port},
    env: {...env, ...(share && shareEnv(env, share))},
    ...(share && {limits: share.limits}),
    ...(Object.keys(stop).length > 0 && {stop}),
  };
}

function grouped(instances: readonly Instance[]): Map<string, [Instance, ...Instance[]]> {
  const groups = new Map<string, [Instance, ...Instance[]]>();
  for (const instance of instances) {
    const group = groups.get(instance.type);
    if (group) group.push(instance);
    else groups.set(instance.type, [instance]);
  }
  return groups;
}

/**
 * The service model of the app in `dir`: its Procfile, formation, configuration and limits. `dir` is absolute and not resolved:
 * a model of `…/current` stays right when the link moves on.
 * Faults: those of ProcfileFault, EnvFault, LimitsFault; MANIFEST_INVALID; EXPORT_NAME, EXPORT_NOTHING.
 */
export async function appModel(dir: string, options: AppModelOptions = {}): Promise<ServiceModel> {
  options.signal?.throwIfAborted();
  const manifest = await appManifest(dir, options.signal);
  const instances = await instancesOf(dir, manifest, options);
  if (instances.length === 0)
    throw new AppExportFault('EXPORT_NOTHING', 'the formation leaves nothing to run', {
      hint: 'Give a type at least one instance; --uninstall takes the app away.',
    });
  const env = await boundEnv(dir, manifest.app?.required, options);
  const byType = grouped(instances);
  const types = [...byType].map(([name, all]) => ({
    name,
    instances: all.length,
    tuning: manifest.app?.processes[name],
  }));
  const shares = options.share ? await appShares(types, options.share, options) : new Map<string, Share>();
  const {namedPrograms} = await import('@keelson/exporter');
  const path = searchPath(dir, options.paths?.node ?? process.execPath);
  const owner = options.user ? undefined : await accountOf(dir);
  const user = options.user ?? (owner === undefined ? undefined : {name: owner});
  return {
    schema: 1,
    name: appName(options.app, manifest.name, dir),
    root: dir,
    ...(user && {user}),
    ...(options.paths?.unitDir !== undefined && {unitDir: options.paths.unitDir}),
    path,
    programs: await programPaths(namedPrograms(instances.map(({command}) => command)), path),
    processes: [...byType].map(([name, all]) =>
      processOf(all, env, {share: shares.get(name), tuning: manifest.app?.processes[name]}),
    ),
  };
}
