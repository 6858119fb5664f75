import {join} from 'node:path';
import type {Archive} from '@keelson/archive';
import {prepare} from '@keelson/preparer';
import type {ReleaseFacts} from '@keelson/releases';
import type {LimitOverrides} from '@keelson/resource-limits';
import type {StepOptions} from '@keelson/step';
import {attempt, type Outcome, type Refusal} from './attempt.ts';
import type {Deployment, DeployEvent, DeployTarget} from './deployment.ts';
import {migrate} from './migrate.ts';
import {bindConfig, formationRows, planWorkload} from './plan-workload.ts';
import {switchOver} from './switch-over.ts';

export interface DeployOptions extends StepOptions<DeployEvent> {
  /** Memory and CPUs to share out. Default: keelson.json of the deploy root, else what the machine gives. */
  readonly limits?: LimitOverrides | undefined;
  /** Milliseconds after the switch in which a failure switches back. Default: keelson.json, else 10 000. */
  readonly bakeMs?: number | undefined;
  /** Releases to keep, of those that were good once. Default: keelson.json, else 5. */
  readonly keep?: number | undefined;
  /** Run the app's code although this process is root. Default false: DEPLOY_NEEDS_USER. */
  readonly allowRoot?: boolean | undefined;
  /** How long to wait while another deploy holds the lock. Default 0. */
  readonly waitMs?: number | undefined;
  /** Who, for the journal. Default: the system user. */
  readonly by?: string | undefined;
}

/**
 * Brings an archive into service on this machine, or leaves everything as it was and says why: lock → free-space check → stage →
 * verify and prepare → bind config → link persistent folders → migrate → make read-only → start → health-gate → switch `current` →
 * open traffic → bake window → drain the old version → prune → journal.
 * Refused (a value): required keys that the config revision lacks, a failing release phase, an instance that does not get
 * healthy, takes no traffic, or fails in the bake window. Faults: DEPLOY_NEEDS_USER, RELEASE_*, PREPARE_*, and those of archive, manifest, procfile,
 * env, resource-limits and the runtime; they too are taken back first.
 */
export async function deploy<G>(
  archive: Archive,
  to: DeployTarget<G>,
  options: DeployOptions = {},
): Promise<Deployment> {
  options.signal?.throwIfAborted();
  const {name, version, source, contents} = archive.manifest;
  const {signal, onEvent, allowRoot} = options;
  const job = {what: 'deploy', reason: `deploy of ${name} ${version}`, to, options} as const;
  return attempt(job, async (at) => {
    const {releases, undo, tell} = at;
    const config = await releases.config.current();
    const facts: ReleaseFacts = {
      digest: archive.digest,
      name,
      version,
      revision: source.revision,
      config: config.number,
    };
    const staged = await releases.stage({bytes: contents.bytes, files: contents.entries});
    const {number} = staged;
    at.about({release: number, digest: archive.digest, version, config: config.number});
    undo.add(`unpacked release ${number}`, () => staged.discard());
    tell({type: 'deploy:staged', release: number});

    const app = await prepare(archive, staged.dir, {signal, onEvent, allowRoot});
    tell({type: 'deploy:prepared', release: number, proved: app.proved.length});

    const dir = join(releases.root, 'releases', String(number));
    const refuse = (refusal: Refusal, formation: Deployment['formation'] = []): Outcome => {
      const createdAt = new Date().toISOString();
      const release = {kind: 'release', number, dir, ...facts, createdAt, state: 'bad'} as const;
      return {result: 'refused', release, formation, refusal};
    };
    const bound = bindConfig(config, app.manifest);
    if ('because' in bound) return refuse(bound);
    const plan = await planWorkload(app, bound.values, at);
    tell({type: 'deploy:configured', config: config.number});

    await staged.linkPersistent(app.manifest.app.persistent);
    tell({type: 'deploy:linked', paths: app.manifest.app.persistent});

    const place = {procfile: app.procfile, cwd: staged.dir, env: plan.env(staged.dir)};
    const failed = await migrate(place, at);
    if (failed !== undefined) return refuse(failed, formationRows(plan));

    const release = await staged.commit(facts);
    undo.clear(); // what was unpacked has its name now
    undo.add(`release ${number}, marked bad`, (because) => releases.markBad(release, because));
    tell({type: 'deploy:committed', release: number});

    return switchOver(release, plan, at);
  });
}
