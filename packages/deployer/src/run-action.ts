import {readManifest} from '@keelson/manifest';
import {openReleases} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import {actionSteps} from './action-steps.ts';
import {deployRules} from './deploy-rules.ts';
import type {DeployEvent, DeployTarget} from './deployment.ts';
import {DeployFault} from './fault.ts';
import {nodeOf} from './node-folder.ts';
import {bindConfig} from './plan-workload.ts';
import {runSteps} from './run-steps.ts';
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
 * Runs an action of the release that is current, in its folder and with its configuration, under the lock of the deploy root.
 * Faults: DEPLOY_ACTION (nobody defined it, it is standard and belongs to a deploy, or it runs already), RELEASE_*.
 */
export async function runAction<G>(
  name: string,
  to: DeployTarget<G>,
  options: RunActionOptions = {},
): Promise<ActionResult> {
  const {signal, onEvent, args, waitMs} = options;
  signal?.throwIfAborted();
  const running = to.environment?.['KEELSON_ACTIONS']?.split(',') ?? [];
  if (running.includes(name))
    throw new DeployFault('DEPLOY_ACTION', `action ${name} calls itself: ${[...running, name].join(' → ')}`);
  await using releases = await openReleases(to.root, {reason: `action ${name}`, waitMs, signal});
  const release = await releases.current();
  if (release === undefined)
    throw new DeployFault('DEPLOY_ACTION', `nothing is deployed in ${releases.root}`);
  const rules = await deployRules(release.dir, releases.settings);
  const steps = actionSteps(name, rules);
  if (steps === undefined) {
    const there = [...new Set([...Object.keys(rules.project), ...Object.keys(rules.deployment)])].toSorted();
    throw new DeployFault('DEPLOY_ACTION', `there is no action ${JSON.stringify(name)}`, {
      hint: `There are: ${there.join(', ') || 'none'}. Define it as \`actions.${name}\` in keelson.deploy.json of the app or keelson.json of ${releases.root}.`,
    });
  }
  const manifest = await readManifest(release.dir, {signal});
  const config = await releases.config.read(release.config);
  const bound = await bindConfig(config, manifest, {environment: to.environment, signal});
  const about = {kind: 'action-result', action: name, release: release.number} as const;
  if ('because' in bound) return {...about, result: 'failed', ...bound};
  const {program: node} = (await nodeOf(release, manifest, {nodeFor: to.nodeFor, signal})) ?? {};
  const {dir} = release;
  const env = workloadEnv({dir, values: bound.values, node, environment: to.environment});
  const earlier = running.length === 0 ? {} : {KEELSON_ACTIONS: running.join(',')};
  const failed = await runSteps(
    steps,
    {
      name,
      args,
      cwd: release.dir,
      env: {...env, ...earlier},
      keelson: to.keelson,
      byDefault: async () => undefined,
      tell: (event) => onEvent?.(event),
    },
    {signal},
  );
  return failed === undefined ? {...about, result: 'done'} : {...about, result: 'failed', ...failed};
}
