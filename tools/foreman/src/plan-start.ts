import type {ProcessConfig, ReadyConfig} from '@keelson/manifest';
import {
  chooseBasePort,
  expandFormation,
  parseFormation,
  type FormationOptions,
  type Instance,
  type PortlessInstance,
} from '@keelson/procfile';

import {ForemanFault} from './fault.ts';
import type {ProcessPlan, StartPlan, StopOn} from './process-plan.ts';
import type {ForemanApp} from './read-app.ts';
import {checkDependencies} from './ready-order.ts';
import {siblingPorts} from './sibling-ports.ts';

/** What a command line says; package.json says the rest, and for what neither does there are defaults. */
export interface PlanOptions {
  /** `web=2,worker`. Default: that of package.json, else one of each type. */
  readonly formation?: string | undefined;
  readonly ports?: {
    /** Default: PORT of the env files, else of the environment, else 5000. */
    readonly base?: number | undefined;
    readonly step?: number | undefined;
    readonly by?: FormationOptions['portsBy'];
    /** No process is told a port. */
    readonly none?: boolean | undefined;
  };
  readonly stop?: {
    /** Default 5000. */
    readonly graceMs?: number | undefined;
    /** Default 'any'. */
    readonly on?: StopOn | undefined;
    /** Types that may end while the others run on; `all`. */
    readonly canDie?: readonly string[] | undefined;
    /** What package.json says about it does not count. */
    readonly anyExit?: boolean | undefined;
  };
  readonly restart?:
    | {
        /** Start again what fails. Default: what package.json says of the type. */
        readonly wanted?: boolean | undefined;
        /** So often in a row. Default 10. */
        readonly limit?: number | undefined;
      }
    | undefined;
  readonly ready?: Readonly<Record<string, ReadyConfig>> | undefined;
  readonly dependsOn?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The globs of a type; `configured` are those of package.json, which it has by default. */
  readonly watch?:
    | ((type: string, configured: readonly string[] | undefined) => readonly string[])
    | undefined;
  /** For children that cannot see our terminal, as FORCE_COLOR takes it; undefined: not in colour. */
  readonly colorLevel?: number | undefined;
}

const GRACE_MS = 5000;
const RESTART_LIMIT = 10;

/**
 * What is to be run, and how.
 * Faults: those of `expandFormation`; FOREMAN_OPTIONS, FOREMAN_CYCLE.
 */
export function planStart(app: ForemanApp, options: PlanOptions = {}): StartPlan {
  const {root, procfile, config} = app;
  const types = procfile.types.map(({name}) => name);
  const given =
    options.formation === undefined ? (config.formation ?? {}) : parseFormation(options.formation);
  const ports = portOptions(app, options);
  const instances = expandFormation(procfile, given, ports);
  if (instances.length === 0)
    throw new ForemanFault('FOREMAN_OPTIONS', 'there is nothing to start: every count is 0', {
      hint: `The Procfile defines: ${types.join(', ')}.`,
    });
  checkTypes(options, types);
  const dependsOn = {...pick(config.processes, 'dependsOn'), ...options.dependsOn};
  checkDependencies(dependsOn, types);
  // A type that is not started here may be started elsewhere, and has the same port there.
  const all = ports.noPort ? [] : expandFormation(procfile, {all: 1, ...given}, {...ports, noPort: false});
  const base = {...defaultEnv(options), ...app.env, ...siblingPorts(all)};
  const started = new Set(instances.map(({type}) => type));
  const processes = instances.map((instance): ProcessPlan => {
    const tuning = own(config.processes, instance.type) ?? {};
    return {
      ...runOf(instance, tuning, options),
      env: envOf(instance, base),
      cwd: root,
      dependsOn: (own(dependsOn, instance.type) ?? []).filter((type) => started.has(type)),
    };
  });
  return {
    kind: 'start-plan',
    root,
    processes,
    stopOn: options.stop?.on ?? 'any',
    restartLimit: options.restart?.limit ?? RESTART_LIMIT,
  };
}

function portOptions({env, fromFiles, config}: ForemanApp, {ports = {}}: PlanOptions): FormationOptions {
  const file = fromFiles.get('PORT');
  const basePort = chooseBasePort([
    {name: '--port', value: ports.base},
    {name: file === undefined ? 'PORT' : `${file}: PORT`, value: env['PORT']},
  ]);
  const fixedPorts = pick(config.processes, 'port');
  return {basePort, portStep: ports.step, portsBy: ports.by, fixedPorts, noPort: ports.none ?? false};
}

function runOf(
  {name, type, index, command, port}: Instance | PortlessInstance,
  tuning: ProcessConfig,
  {stop = {}, restart, ready, watch}: PlanOptions,
): Omit<ProcessPlan, 'env' | 'cwd' | 'dependsOn'> {
  const mayDie = stop.canDie?.some((one) => one === type || one === 'all') ?? false;
  return {
    name,
    type,
    index,
    command,
    port,
    stopSignal: tuning.stopSignal ?? 'SIGTERM',
    graceMs: stop.graceMs ?? tuning.graceMs ?? GRACE_MS,
    canDie: mayDie || (tuning.canDie === true && stop.anyExit !== true),
    restart: tuning.restart ?? (restart?.wanted ? 'on-failure' : 'no'),
    ready: own(ready, type) ?? tuning.ready,
    watch: watch?.(type, tuning.watch) ?? tuning.watch ?? [],
  };
}

/** What a child does by default, and the app's own environment may say otherwise. */
function defaultEnv({colorLevel}: PlanOptions): Record<string, string> {
  return {
    PYTHONUNBUFFERED: '1', // Python keeps lines back from a pipe
    ...(colorLevel === undefined ? {} : {FORCE_COLOR: String(colorLevel)}),
  };
}

/** FOREMAN_WORKER_NAME is node-foreman's word, PS foreman's. */
function envOf(
  {name, port}: Instance | PortlessInstance,
  base: Record<string, string>,
): Record<string, string> {
  return {...base, ...(port === undefined ? {} : {PORT: String(port)}), FOREMAN_WORKER_NAME: name, PS: name};
}

function checkTypes({stop, ready}: PlanOptions, types: readonly string[]): void {
  const named = [
    ...(stop?.canDie ?? []).filter((type) => type !== 'all').map((type) => ({type, by: '--can-die'})),
    ...Object.keys(ready ?? {}).map((type) => ({type, by: '--ready'})),
  ];
  const unknown = named.find(({type}) => !types.includes(type));
  if (unknown === undefined) return;
  throw new ForemanFault('FOREMAN_OPTIONS', `${unknown.by}: there is no process ${unknown.type}`, {
    hint: `The Procfile defines: ${types.join(', ')}.`,
  });
}

/** One key of each type's configuration, where it is set. */
function pick<K extends keyof ProcessConfig>(
  processes: Readonly<Record<string, ProcessConfig>> | undefined,
  key: K,
): Record<string, NonNullable<ProcessConfig[K]>> {
  const set = Object.entries(processes ?? {}).filter(([, config]) => config[key] !== undefined);
  return Object.fromEntries(set.map(([type, config]) => [type, config[key]!]));
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
