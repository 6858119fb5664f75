import type {Release} from '@keelson/releases';
import {isFault} from '@keelson/step';
import {needsReach, runChecks} from './checks/run-checks.ts';
import type {Attempt, Outcome, Refusal} from './attempt.ts';
import {formationRows, workloadOf, type WorkloadPlan} from './plan-workload.ts';
import type {Reach, Readiness, Runtime} from './runtime.ts';

const BAKE_MS = 10_000;

/**
 * Start new → health-gate → checks → switch `current` → open traffic → bake window → drain old. Until the window has passed everything
 * can be taken back, and the old version has served all along.
 */
export async function switchOver<G>(
  release: Release,
  plan: WorkloadPlan,
  {releases, rights, to: {runtime, host}, options, undo, tell}: Attempt<G>,
): Promise<Outcome> {
  const {signal} = options;
  const {number} = release;
  const bakeMs = options.bakeMs ?? releases.settings.bakeMs ?? BAKE_MS;
  const replaced = await releases.current();
  const outcome = {
    result: 'deployed',
    release,
    replaced: replaced?.number,
    formation: formationRows(plan),
  } as const;

  await releases.keepPorts(plan.ports);
  const old = runtime.running();
  const fresh = await runtime.start(workloadOf(release, plan), {signal});
  let opened = false;
  undo.add(`start of release ${number}`, () => (opened ? runtime.drain(fresh) : runtime.stop(fresh)));
  const instances = plan.instances.map(({name}) => name);
  tell({type: 'deploy:started', release: number, instances, beside: replaced?.number});

  const readiness = await runtime.ready(fresh, {signal});
  if (readiness.state === 'not-ready') return refused(outcome, readiness);
  tell({type: 'deploy:ready', release: number});
  const reaches = runtime.reach?.(fresh);
  const {cwd, env} = workloadOf(release, plan);
  const ports = Object.fromEntries(plan.instances.map(({name, port}) => [name, port]));
  const place = {runtime, generation: fresh, cwd, env, rights, ports, tell};
  const early = plan.checks.filter((check) => reaches !== undefined || !needsReach(check));
  const sick = await runChecks(early, {...place, reaches: reaches ?? []}, {signal});
  if (sick !== undefined) return {...outcome, result: 'refused', refusal: sick};

  signal?.throwIfAborted();
  undo.add(`switch to release ${number}`, () => releases.activate(replaced));
  await releases.activate(release);
  tell({type: 'deploy:switched', release: number, replaced: replaced?.number});

  opened = true;
  const shut = await whyNotOpened(runtime, fresh);
  if (shut !== undefined) return {...outcome, result: 'refused', refusal: shut};
  tell({type: 'deploy:opened', release: number});

  const late = plan.checks.filter((check) => !early.includes(check));
  const ill = await runChecks(late, {...place, reaches: publicReaches(plan, host)}, {signal});
  if (ill !== undefined) return {...outcome, result: 'refused', refusal: ill};
  const baked = await runtime.watch(fresh, bakeMs, {signal});
  if (baked.state === 'not-ready') return refused(outcome, baked);
  await releases.markGood(release);
  undo.clear();
  tell({type: 'deploy:baked', release: number, bakeMs});

  if (old !== undefined) {
    try {
      await runtime.drain(old);
      tell({type: 'deploy:drained', release: replaced?.number});
    } catch (error) {
      tell({
        type: 'deploy:tidying-failed',
        what: 'the drain of the old version',
        because: (error as Error).message,
      });
    }
  }
  return outcome;
}

/** What listens on every address is reached on this machine's own. */
const ANY: Readonly<Record<string, string>> = {'0.0.0.0': '127.0.0.1', '::': '::1'};

function publicReaches({instances}: WorkloadPlan, host = '127.0.0.1'): Reach[] {
  const web = instances.filter(({type}) => type === 'web');
  return web.map(({name, port}) => ({instance: name, host: ANY[host] ?? host, port}));
}

export function refused(
  outcome: Outcome,
  {instance, because, output}: Readiness & {state: 'not-ready'},
): Outcome {
  return {...outcome, result: 'refused', refusal: {because: `${instance}: ${because}`, output}};
}

/** An instance may end between its last health check and the traffic: that says something of the release, not of the deploy. */
async function whyNotOpened<G>(runtime: Runtime<G>, fresh: G): Promise<Refusal | undefined> {
  try {
    await runtime.open(fresh);
    return undefined;
  } catch (error) {
    if (!isFault(error)) throw error;
    return {because: error.message, output: error.hint?.split('\n') ?? []};
  }
}
