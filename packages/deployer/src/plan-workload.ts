import {layEnv, parseEnv, type EnvMap, type EnvType} from '@keelson/env';
import type {AppManifest} from '@keelson/manifest';
import type {Procfile} from '@keelson/procfile';
import type {ConfigRevision, PortPlan, Release} from '@keelson/releases';
import {readLimits} from '@keelson/resource-limits';
import type {AppNode} from '@keelson/preparer';
import {isFault} from '@keelson/step';
import type {Attempt, Refusal} from './attempt.ts';
import type {Deployment, DeployTarget} from './deployment.ts';
import type {Rules} from './deploy-rules.ts';
import {deployedApp} from './deployed-app.ts';
import {formationOf} from './formation-of.ts';
import type {PlannedInstance, Workload} from './runtime.ts';
import {resolveSecrets, type SecretSources} from './secrets/resolve-secrets.ts';
import {shareMachine} from './share-machine.ts';
import {workloadEnv} from './workload-env.ts';

/** What an app's folder says. */
export interface AppFacts {
  /** Its own Node, if it is not this one. */
  readonly node?: AppNode | undefined;
  readonly manifest: AppManifest;
  readonly procfile: Procfile;
  readonly rules: Rules;
}

/** Everything that is decided about an app's processes before any of them starts. */
export interface WorkloadPlan {
  readonly instances: readonly PlannedInstance[];
  readonly ports: PortPlan;
  readonly health: Workload['health'];
  readonly checks: Rules['checks'];
  /** Of processes that run in this folder. */
  readonly env: (dir: string) => Readonly<Record<string, string>>;
}

/**
 * The values of a config revision with its secrets, or a refusal that names the keys the app requires and the revision lacks, values that are
 * not of the type it requires, and secrets that cannot be read.
 */
export async function bindConfig(
  config: ConfigRevision,
  {app}: AppManifest,
  sources: SecretSources,
): Promise<{readonly values: EnvMap} | Refusal> {
  const values = parseEnv(config.text, {path: config.path});
  const which = config.number === 0 ? 'nothing is configured' : `config revision ${config.number}`;
  const missing = app.required.filter((name) => !Object.hasOwn(values, name));
  if (missing.length > 0)
    return {because: `${which}, but the app requires ${missing.join(', ')}`, output: []};
  const resolved = await resolveSecrets(values, sources);
  if ('problems' in resolved) return {because: `${which}: ${resolved.problems.join('; ')}`, output: []};
  const types = Object.fromEntries(app.required.map((name) => [name, 'string' as EnvType]));
  try {
    layEnv([{name: which, values: resolved.values}], {required: {...types, ...app.requiredTypes}});
  } catch (error) {
    if (!isFault(error)) throw error;
    return {because: error.message.replaceAll('\n', '; '), output: []};
  }
  return resolved;
}

/** Decides formation, ports, shares and environment. Faults: those of procfile and resource-limits. */
export async function planWorkload<G>(
  {rules, node, ...app}: AppFacts,
  values: EnvMap,
  {releases, to, options}: Omit<Attempt<G>, 'to'> & {readonly to: Omit<DeployTarget<G>, 'runtime'>},
): Promise<WorkloadPlan> {
  const {settings} = releases;
  const {manifest, procfile} = deployedApp(app, settings);
  const ports = {kept: await releases.ports(), base: to.basePort};
  const formation = formationOf({procfile, manifest, settings, ports});
  const environment = {...to.environment, ...(settings.tmpDir !== undefined && {TMPDIR: settings.tmpDir})};
  const limits = await readLimits(options.limits ?? {memory: settings.memory, cpus: settings.cpus}, {
    signal: options.signal,
  });
  const {path, timeoutMs} = {...manifest.app.health, ...settings.health};
  return {
    instances: shareMachine(formation.instances, limits, manifest),
    ports: formation.ports,
    checks: rules.checks,
    health: {path: path ?? manifest.app.health.path, timeoutMs: timeoutMs ?? manifest.app.health.timeoutMs},
    env: (dir) => workloadEnv({dir, values, node: node?.program, environment}),
  };
}

export function workloadOf(release: Release, {instances, health, env}: WorkloadPlan): Workload {
  return {release, cwd: release.dir, env: env(release.dir), instances, health};
}

export function formationRows({instances}: WorkloadPlan): Deployment['formation'] {
  return instances.map(({name, workers, memoryBytes, port}) => ({name, workers, memoryBytes, port}));
}
