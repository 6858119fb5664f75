import {readManifest} from '@keelson/manifest';
import {readProcfile} from '@keelson/procfile';
import type {LedgerEntry, Release, Releases} from '@keelson/releases';
import {attempt, type Attempt, type Refusal} from './attempt.ts';
import type {DeployOptions} from './deploy.ts';
import type {Deployment, DeployTarget} from './deployment.ts';
import {DeployFault} from './fault.ts';
import {contractsSince} from './contracts-since.ts';
import {deployRules} from './deploy-rules.ts';
import {nodeOf} from './node-folder.ts';
import {bindConfig, planWorkload, type WorkloadPlan} from './plan-workload.ts';
import {switchOver} from './switch-over.ts';

export interface RollbackOptions extends DeployOptions {
  /** Where to. Default: the good release that served before. */
  readonly release?: number | undefined;
  /** Also across a migration after which older code does not work. Default false: refused. */
  readonly force?: boolean | undefined;
}

/**
 * Back to the good release that served before, or to the one that is named (also a bad one, or forward): its code with its
 * configuration, behind the same gate and bake window as a deploy. What was left is marked bad, so that no later rollback
 * goes there by itself. Back to the same code with another configuration, the next deploy binds that, too. The release phase does not run. Refused when a release after it brought a `contract` migration, unless forced.
 * Faults: DEPLOY_NOTHING_TO_ROLL_BACK, RELEASE_MISSING, and those of deploy.
 */
export async function rollback<G>(to: DeployTarget<G>, options: RollbackOptions = {}): Promise<Deployment> {
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
      revision: release.revision,
      config: release.config,
    });
    const contracts = contractsSince(await releases.migrations.read(), release.number);
    if (contracts.length > 0 && options.force !== true)
      return {result: 'refused', release, formation: [], refusal: acrossContract(release, contracts)};
    await releases.begin('rollback', release);
    const plan = await planRelease(release, at);
    if ('because' in plan) return {result: 'refused', release, formation: [], refusal: plan};
    await takeConfig(release, current, at);
    const outcome = await switchOver(release, plan, at);
    if (outcome.refusal !== undefined) return outcome;
    if (current !== undefined && current.number > release.number)
      await releases.markBad(current, `rolled back to release ${release.number}`);
    return {...outcome, result: 'rolled-back'};
  });
}

/** Where only the configuration is taken back, the next deploy must not bring it again: unless yet another one waits for that deploy. */
async function takeConfig<G>(
  release: Release,
  current: Release | undefined,
  {releases: {config}, undo}: Attempt<G>,
): Promise<void> {
  const {number} = await config.current();
  if (number !== current?.config || number === release.config || release.digest !== current.digest) return;
  undo.add(`choice of config revision ${release.config}`, () => config.choose(number));
  await config.choose(release.config);
}

type PlanPlace<G> = Omit<Attempt<G>, 'to'> & {readonly to: Omit<DeployTarget<G>, 'runtime'>};

/** What a release that was deployed before needs to run again. */
export async function planRelease<G>(release: Release, at: PlanPlace<G>): Promise<WorkloadPlan | Refusal> {
  const {signal} = at.options;
  const manifest = await readManifest(release.dir, {signal});
  const procfile = await readProcfile(release.dir, {signal});
  const config = await at.releases.config.read(release.config);
  const bound = await bindConfig(config, manifest, {environment: at.to.environment, signal});
  if ('because' in bound) return bound;
  const rules = await deployRules(release.dir, at.releases.settings);
  const node = await nodeOf(release, manifest, {nodeFor: at.to.nodeFor, signal});
  const plan = await planWorkload({manifest, procfile, rules, node}, bound.values, at);
  at.tell({type: 'deploy:configured', config: config.number});
  return plan;
}

function acrossContract(release: Release, contracts: readonly LedgerEntry[]): Refusal {
  const named = contracts.map((entry) => `${entry.name} (release ${entry.release})`).join(', ');
  return {
    because: `release ${release.number} is from before what cannot be undone: contract migration ${named}; force it if its code works all the same`,
    output: [],
  };
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
