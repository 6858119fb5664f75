import {readReleases} from '@keelson/releases';
import {attempt} from './attempt.ts';
import type {DeployOptions} from './deploy.ts';
import type {Deployment, DeployTarget} from './deployment.ts';
import {formationRows, workloadOf} from './plan-workload.ts';
import {planRelease} from './rollback.ts';
import {refused} from './switch-over.ts';

/**
 * Starts what `current` says, with its configuration, behind the health gate: after a restart of whoever runs it. Refused when
 * it does not get healthy; nothing else is tried. Undefined: nothing is deployed, or it runs already. Faults: those of deploy.
 */
export async function resume<G>(
  to: DeployTarget<G>,
  options: DeployOptions = {},
): Promise<Deployment | undefined> {
  const {signal} = options;
  signal?.throwIfAborted();
  const {runtime} = to;
  if (runtime.running() !== undefined || (await readReleases(to.root)).current === undefined)
    return undefined;
  return attempt({what: 'resume', reason: 'resume', to, options}, async (at) => {
    const {releases, undo, tell} = at;
    const release = (await releases.current())!;
    const {number, digest, version, revision, config} = release;
    at.about({release: number, digest, version, revision, config});
    const plan = await planRelease(release, at);
    if ('because' in plan) return {result: 'refused', release, formation: [], refusal: plan};
    const outcome = {result: 'deployed', release, formation: formationRows(plan)} as const;

    await releases.keepPorts(plan.ports);
    const fresh = await runtime.start(workloadOf(release, plan), {signal});
    undo.add(`start of release ${number}`, () => runtime.stop(fresh));
    tell({type: 'deploy:started', release: number, instances: plan.instances.map(({name}) => name)});
    const readiness = await runtime.ready(fresh, {signal});
    if (readiness.state === 'not-ready') return refused(outcome, readiness);
    tell({type: 'deploy:ready', release: number});
    await runtime.open(fresh);
    // A first release whose deploy was killed in its bake window: now it proved itself.
    if (release.state === 'staged') await releases.markGood(release);
    tell({type: 'deploy:opened', release: number});
    return outcome;
  });
}
