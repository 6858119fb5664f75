import type {StepOptions} from '@keelson/step';
import type {ActionStep} from './action-steps.ts';
import type {Refusal} from './attempt.ts';
import type {DeployEvent} from './deployment.ts';
import type {Rights} from '@keelson/preparer';
import {runLine} from './run-line.ts';

/** heroku's limit for its release phase. */
const TIMEOUT_MS = 3_600_000;

export interface ActionPlace {
  readonly name: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rights: Rights;
  /** Program and first arguments of `@keelson …`. Default `keelson`. */
  readonly keelson?: readonly string[] | undefined;
  /** Become `$1`, `$2` … of each line. */
  readonly args?: readonly string[] | undefined;
  /** What `default` does. */
  readonly byDefault: () => Promise<Refusal | undefined>;
  readonly tell: (event: DeployEvent) => void;
}

/** Runs the steps of an action, until one fails: then a refusal. A command that runs actions itself sees which ones run already in KEELSON_ACTIONS. */
export async function runSteps(
  steps: readonly ActionStep[],
  place: ActionPlace,
  options: Pick<StepOptions, 'signal'>,
): Promise<Refusal | undefined> {
  const {name, cwd, rights, tell, args = [], keelson = ['keelson']} = place;
  const running = [place.env['KEELSON_ACTIONS'], name].filter((one) => one !== undefined).join(',');
  const env = {...place.env, KEELSON_ACTIONS: running};
  for (const step of steps) {
    if (step.kind === 'default') {
      const failed = await place.byDefault();
      if (failed !== undefined) return failed;
      continue;
    }
    const onLine = (line: string) => tell({type: 'deploy:action-printed', action: name, line});
    const spec =
      step.kind === 'shell' ? {command: step.line, args} : {command: `"$@" ${step.line}`, args: keelson};
    const failed = await runLine(
      {...spec, cwd, env, rights, what: `action ${name}`, timeoutMs: TIMEOUT_MS, onLine},
      options,
    );
    const command = step.kind === 'shell' ? step.line : `keelson ${step.line}`;
    if (failed !== undefined)
      return {...failed, because: failed.because.replace(spec.command, () => command)};
    tell({type: 'deploy:action-ran', action: name, command});
  }
  return undefined;
}
