import {rightsFor, type Rights} from '@keelson/preparer';
import {openReleases, readReleases, type JournalEntry, type Release, type Releases} from '@keelson/releases';
import type {DeployOptions} from './deploy.ts';
import type {Deployment, DeployEvent, DeployTarget} from './deployment.ts';
import {DeployFault} from './fault.ts';
import {pruneNodes} from './node-folder.ts';
import {writeMerged} from './write-merged.ts';
import {undoList, type UndoList} from './undo-list.ts';

/** Why a release does not go into service. */
export interface Refusal {
  readonly because: string;
  /** The last lines of whatever failed. */
  readonly output: readonly string[];
}

/** How the steps of an attempt ended. */
export interface Outcome {
  readonly result: Deployment['result'];
  readonly release: Release;
  readonly replaced?: number | undefined;
  readonly formation: Deployment['formation'];
  readonly refusal?: Refusal | undefined;
}

/** One change of a deploy root, from taking its lock to the line in its journal. */
export interface Attempt<G> {
  readonly releases: Releases;
  readonly to: DeployTarget<G>;
  readonly options: DeployOptions;
  readonly undo: UndoList;
  /** What the app's own lines – actions, migrations, checks – run with. */
  readonly rights: Rights;
  readonly tell: (event: DeployEvent) => void;
  /** What the journal says should the attempt fail. */
  readonly about: (facts: Facts) => void;
}

type Facts = Pick<JournalEntry, 'release' | 'digest' | 'version' | 'revision' | 'config'>;

export interface Job<G> {
  readonly what: 'deploy' | 'rollback' | 'resume' | 'config';
  /** Shown to whoever meets the lock meanwhile. */
  readonly reason: string;
  readonly to: DeployTarget<G>;
  readonly options: DeployOptions;
}

/**
 * Lock → the steps → clean-up → journal. When the steps refuse or fail, what they did is taken back before anything is told:
 * the version before serves on, with its own configuration.
 */
export async function attempt<G>(
  job: Job<G>,
  steps: (attempt: Attempt<G>) => Promise<Outcome>,
): Promise<Deployment> {
  const {what, to, options} = job;
  const tell = (event: DeployEvent) => options.onEvent?.(event);
  requireUser(options);
  const {signal, waitMs} = options;
  await using releases = await openReleases(to.root, {reason: job.reason, waitMs, signal});
  tell({type: 'deploy:locked', root: releases.root});
  const undo = undoList(tell);
  let facts: Facts = {};
  const about = (known: Facts) => void (facts = known);
  const finish = async (end: Pick<JournalEntry, 'result' | 'because' | 'replaced'>) => {
    await prune(releases, options.keep, tell);
    if (what === 'resume' && (await isRepeated(releases.root, end))) return;
    await record(releases, {what, by: options.by, ...facts, ...end}, tell);
  };
  try {
    const user = options.user ?? releases.settings.user ?? (await releases.current())?.user;
    const {allowRoot} = options;
    const rights = await rightsFor(releases.root, {user, allowRoot, signal});
    const outcome = await steps({releases, to, options, undo, rights, tell, about});
    const {refusal, result, replaced} = outcome;
    if (refusal !== undefined) await undo.run(refusal.because);
    else await merge(releases, outcome, tell);
    await finish({result, replaced, because: refusal?.because});
    return await deploymentOf(outcome, releases, tell);
  } catch (error) {
    const because = signal?.aborted === true ? 'cancelled' : (error as Error).message;
    await undo.run(because);
    await finish({result: 'failed', because});
    throw error;
  }
}

async function deploymentOf(
  outcome: Outcome,
  releases: Releases,
  tell: (event: DeployEvent) => void,
): Promise<Deployment> {
  const {release, refusal, result, replaced, formation} = outcome;
  const {number} = release;
  if (refusal === undefined) {
    const now = await releases.get(number);
    return {kind: 'deployment', result, release: now, replaced, formation};
  }
  const {because, output} = refusal;
  tell({type: 'deploy:refused', release: number, because});
  const kept = (await releases.list()).find((one) => one.number === number);
  const now: Release = kept ?? {...release, state: 'bad', because};
  return {kind: 'deployment', result, release: now, replaced, because, output, formation};
}

async function merge(
  releases: Releases,
  outcome: Outcome,
  tell: (event: DeployEvent) => void,
): Promise<void> {
  try {
    await writeMerged(releases, outcome);
  } catch (error) {
    tell({type: 'deploy:tidying-failed', what: 'writing merged.json', because: (error as Error).message});
  }
}

async function prune(
  releases: Releases,
  keep: number | undefined,
  tell: (event: DeployEvent) => void,
): Promise<void> {
  try {
    const current = await releases.current();
    const running = current === undefined ? [] : [current.number];
    const removed = await releases.prune({keep, running});
    await pruneNodes(releases.root, await releases.list());
    tell({type: 'deploy:pruned', releases: removed.map(({number}) => number)});
  } catch (error) {
    tell({type: 'deploy:tidying-failed', what: 'removing old releases', because: (error as Error).message});
  }
}

/** A resume that fails again and again, for the same reason, is one line. */
async function isRepeated(
  root: string,
  {result, because}: Pick<JournalEntry, 'result' | 'because'>,
): Promise<boolean> {
  const last = (await readReleases(root)).journal.at(-1);
  return (
    last?.what === 'resume' && last.result === result && last.because === because && result !== 'deployed'
  );
}

// A full disk is no reason to call a deploy failed that serves: the next one writes the missing line.
async function record(
  releases: Releases,
  entry: Omit<JournalEntry, 'at' | 'by'> & {readonly by: string | undefined},
  tell: (event: DeployEvent) => void,
): Promise<void> {
  try {
    await releases.record(entry);
    tell({type: 'deploy:recorded', release: entry.release ?? 0});
  } catch (error) {
    tell({type: 'deploy:tidying-failed', what: 'the line in the journal', because: (error as Error).message});
  }
}

function requireUser({allowRoot}: DeployOptions): void {
  if (allowRoot === true || process.getuid?.() !== 0) return;
  throw new DeployFault('DEPLOY_NEEDS_USER', 'this runs as root, and so would the app', {
    hint: 'Run it as an ordinary user, or allow root (--allow-root).',
  });
}
