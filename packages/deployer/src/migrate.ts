import type {Procfile} from '@keelson/procfile';
import {actionSteps} from './action-steps.ts';
import type {Attempt, Refusal} from './attempt.ts';
import type {DeployTarget} from './deployment.ts';
import type {Rules} from './deploy-rules.ts';
import {RELEASE_PHASE} from './formation-of.ts';
import {runLine} from './run-line.ts';
import {runSteps} from './run-steps.ts';

/** heroku's limit for its release phase. */
const TIMEOUT_MS = 3_600_000;

export interface ReleasePlace {
  readonly release: number;
  readonly procfile: Procfile;
  readonly rules: Rules;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Of an attempt what a migration needs. */
export type MigrationWay<G> = Pick<Attempt<G>, 'releases' | 'rights' | 'tell' | 'options'> & {
  readonly to: Pick<DeployTarget<G>, 'keelson'>;
};

/**
 * Runs each migration that was not done in this deploy root yet, then the action `migrate`, by default the Procfile's `release` line, while
 * the old version serves. One that was begun before and did not end runs again. A refusal when one fails.
 */
export async function migrate<G>(place: ReleasePlace, at: MigrationWay<G>): Promise<Refusal | undefined> {
  const {releases, tell} = at;
  const done = new Set(
    (await releases.migrations.read()).filter(({state}) => state === 'done').map(({name}) => name),
  );
  for (const {name, kind, run} of place.rules.migrations) {
    if (done.has(name)) continue;
    const entry = {name, kind, release: place.release};
    await releases.migrations.write({...entry, state: 'begun'});
    const failed = await runMigration(run, `migration ${name}`, {place, at});
    if (failed !== undefined) return failed;
    await releases.migrations.write({...entry, state: 'done'});
    tell({type: 'deploy:migrated', command: run});
  }
  return runAction('migrate', place, at);
}

/** One of the actions that belong to a deploy. */
export async function runAction<G>(
  name: 'prepare' | 'build' | 'migrate',
  place: ReleasePlace,
  at: MigrationWay<G>,
): Promise<Refusal | undefined> {
  const steps = actionSteps(name, place.rules)!;
  const byDefault = async () => (name === 'migrate' ? releasePhase(place, at) : undefined);
  const {cwd, env} = place;
  const {rights, tell, to} = at;
  return runSteps(steps, {name, cwd, env, rights, byDefault, tell, keelson: to.keelson}, at.options);
}

async function releasePhase<G>(place: ReleasePlace, at: MigrationWay<G>): Promise<Refusal | undefined> {
  const command = place.procfile.types.find(({name}) => name === RELEASE_PHASE)?.command;
  if (command === undefined) return undefined;
  const failed = await runMigration(command, 'the release phase', {place, at});
  if (failed === undefined) at.tell({type: 'deploy:migrated', command});
  return failed;
}

function runMigration<G>(
  command: string,
  what: string,
  {place: {cwd, env}, at}: {readonly place: ReleasePlace; readonly at: MigrationWay<G>},
): Promise<Refusal | undefined> {
  const onLine = (line: string) => at.tell({type: 'deploy:migration-printed', line});
  return runLine({command, cwd, env, rights: at.rights, what, timeoutMs: TIMEOUT_MS, onLine}, at.options);
}
