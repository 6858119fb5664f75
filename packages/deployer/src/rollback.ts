import {readManifest} from '@keelson/manifest';
import {readProcfile} from '@keelson/procfile';
import type {Release, Releases} from '@keelson/releases';
import {attempt, type Attempt, type Refusal} from './attempt.ts';
import type {DeployOptions} from './deploy.ts';
import type {Deployment, DeployTarget} from './deployment.ts';
import {DeployFault} from './fault.ts';
import {bindConfig, planWorkload, type WorkloadPlan} from './plan-workload.ts';
import {switchOver} from './switch-over.ts';

/**
 * Back to the good release that served before, or to the one that is named (also a bad one, or forward): its code with its
 * configuration, behind the same gate and bake window as a deploy. What was left is marked bad, so that no later rollback
 * goes there by itself. Its release phase does not run.
 * Faults: DEPLOY_NOTHING_TO_ROLL_BACK, RELEASE_MISSING, and those of deploy.
 */
export async function rollback<G>(
  to: DeployTarget<G>,
  options: DeployOptions & {readonly release?: number | undefined} = {},
): Promise<Deployment> {
  options.signal?.throwIfAborted();
  const reason = options.release === undefined ? 'rollback' : `rollback to release ${options.release}`;
  return attempt({what: 'rollback', reason, to, options}, async (at) => {
    const {releases} = at;
    const current = await releases.current();
    const release = await targetOf(releases, options.release);
    if (release.number === current?.number && to.runtime.running() !== undefined)
      throw new DeployFault('DEPLOY_NOTHING_TO_ROLL_BACK', `release ${release.number} serves already`);
    at.about({
      release: release.number,
      digest: release.digest,
      version: release.version,
      config: release.config,
    });
    const plan = await planRelease(release, at);
    if ('because' in plan) return {result: 'refused', release, formation: [], refusal: plan};
    const outcome = await switchOver(release, plan, at);
    if (outcome.refusal !== undefined) return outcome;
    if (current !== undefined && current.number > release.number)
      await releases.markBad(current, `rolled back to release ${release.number}`);
    return {...outcome, result: 'rolled-back'};
  });
}

/** What a release that was deployed before needs to run again. */
export async function planRelease<G>(release: Release, at: Attempt<G>): Promise<WorkloadPlan | Refusal> {
  const {signal} = at.options;
  const manifest = await readManifest(release.dir, {signal});
  const procfile = await readProcfile(release.dir, {signal});
  const config = await at.releases.config.read(release.config);
  const bound = bindConfig(config, manifest);
  if ('because' in bound) return bound;
  const plan = await planWorkload({manifest, procfile}, bound.values, at);
  at.tell({type: 'deploy:configured', config: config.number});
  return plan;
}

async function targetOf(releases: Releases, number: number | undefined): Promise<Release> {
  if (number !== undefined) return releases.get(number);
  const previous = await releases.previous();
  if (previous !== undefined) return previous;
  throw new DeployFault(
    'DEPLOY_NOTHING_TO_ROLL_BACK',
    `no good release before the current one in ${releases.root}`,
    {
      hint: 'Deploy another archive, or name a release.',
    },
  );
}
