import {readManifest} from '@keelson/manifest';
import {rightsFor} from '@keelson/preparer';
import {readProcfile} from '@keelson/procfile';
import {openReleases, type Releases} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {actionSteps} from './action-steps.ts';
import {deployRules} from './deploy-rules.ts';
import type {DeployEvent, DeployTarget} from './deployment.ts';
import type {Refusal} from './attempt.ts';
import {DeployFault} from './fault.ts';
import {migrate, type ReleasePlace} from './migrate.ts';
import {nodeOf} from './node-folder.ts';
import {bindConfig} from './plan-workload.ts';
import {runSteps, type ActionPlace} from './run-steps.ts';
import {workloadEnv} from './workload-env.ts';

export interface ActionResult {
  readonly kind: 'action-result';
  readonly action: string;
  readonly result: 'done' | 'failed';
  readonly release: number;
  readonly because?: string | undefined;
  /** Its last lines. */
  readonly output?: readonly string[] | undefined;
}

export interface RunActionOptions extends StepOptions<DeployEvent> {
  /** `$1`, `$2` … of its lines. */
  readonly args?: readonly string[] | undefined;
  readonly waitMs?: number | undefined;
}

/**
 * Runs an action of the release that is current, in its folder, with its configuration and its user, under the lock of the deploy root.
 * Faults: DEPLOY_ACTION (nobody defined it, or it runs already), RELEASE_*.
 */
export async function runAction<G>(
  name: string,
  to: DeployTarget<G>,
  options: RunActionOptions = {},
): Promise<ActionResult> {
  const byDefault = async () => undefined;
  return inCurrent({name, to, options}, async ({releases, place, way}) => {
    const {rules} = place;
    const steps = actionSteps(name, rules);
    if (steps !== undefined)
      return runSteps(steps, {...place, ...way, name, args: options.args, byDefault}, options);
    const there = [...new Set([...Object.keys(rules.project), ...Object.keys(rules.deployment)])].toSorted();
    throw new DeployFault('DEPLOY_ACTION', `there is no action ${JSON.stringify(name)}`, {
      hint: `There are: ${there.join(', ') || 'none'}. Define it as \`actions.${name}\` in keelson.deploy.json of the app or keelson.json of ${releases.root}.`,
    });
  });
}

/** What a deploy does between two versions, for the release that is current: migrations that were not run here, then the action `migrate`. Faults: as `runAction`. */
export async function migrateCurrent<G>(
  to: DeployTarget<G>,
  options: RunActionOptions = {},
): Promise<ActionResult> {
  return inCurrent({name: 'migrate', to, options}, async ({releases, place, way: {rights, tell, keelson}}) =>
    migrate(place, {releases, rights, tell, to: {keelson}, options}),
  );
}

interface Work<G> {
  readonly name: string;
  readonly to: DeployTarget<G>;
  readonly options: RunActionOptions;
}

interface Current {
  readonly releases: Releases;
  readonly place: ReleasePlace;
  readonly way: Pick<ActionPlace, 'rights' | 'tell' | 'keelson'>;
}

/** With the lock, the configuration and the rights of what is current. */
async function inCurrent<G>(
  {name, to, options}: Work<G>,
  work: (current: Current) => Promise<Refusal | undefined>,
): Promise<ActionResult> {
  const {signal, onEvent, waitMs} = options;
  const {environment} = to;
  signal?.throwIfAborted();
  const running = environment?.['KEELSON_ACTIONS']?.split(',') ?? [];
  if (running.includes(name))
    throw new DeployFault('DEPLOY_ACTION', `action ${name} calls itself: ${[...running, name].join(' → ')}`);
  await using releases = await openReleases(to.root, {reason: `action ${name}`, waitMs, signal});
  const {settings, root} = releases;
  const release = await releases.current();
  if (release === undefined) throw new DeployFault('DEPLOY_ACTION', `nothing is deployed in ${root}`);
  const {dir, number, user = settings.user} = release;
  // That root may run it was said when it was deployed.
  const rights = await rightsFor(root, {user, allowRoot: true, signal});
  const rules = await deployRules(dir, settings);
  const manifest = await readManifest(dir, {signal});
  const procfile = await readProcfile(dir, {signal});
  const config = await releases.config.read(release.config);
  const about = {kind: 'action-result', action: name, release: number} as const;
  const bound = await bindConfig(config, manifest, {environment, signal});
  if ('because' in bound) return {...about, result: 'failed', ...bound};
  const {program: node} = (await nodeOf(release, manifest, {nodeFor: to.nodeFor, signal})) ?? {};
  const earlier = running.length === 0 ? {} : {KEELSON_ACTIONS: running.join(',')};
  const env = {...workloadEnv({dir, values: bound.values, node, environment}), ...earlier};
  const place = {release: number, procfile, rules, cwd: dir, env};
  const tell = (event: DeployEvent) => onEvent?.(event);
  const failed = await work({releases, place, way: {rights, tell, keelson: to.keelson}});
  return failed === undefined ? {...about, result: 'done'} : {...about, result: 'failed', ...failed};
}
