import {blockingOutput} from '@keelson/log-tagger';
import type {StepOptions} from '@keelson/step';

import {attachmentsFor, launcherFor} from './attachments.ts';
import type {Extras} from './extra-flags.ts';
import type {ForemanEvent} from './foreman-event.ts';
import {interruptOf} from './interrupts.ts';
import {planStart, type PlanOptions} from './plan-start.ts';
import type {OutputOptions} from './process-output.ts';
import type {StartPlan} from './process-plan.ts';
import {readApp, type AppOptions, type ForemanApp} from './read-app.ts';
import type {Attachment} from './runner.ts';
import {runProcesses, type ForemanResult} from './run-processes.ts';

export interface StartOptions extends StepOptions<ForemanEvent> {
  readonly app: AppOptions;
  readonly plan?: PlanOptions | undefined;
  /** `hide` takes types, too. */
  readonly output: OutputOptions;
  /** Lists the variables that come from env files, names alone. Default false. */
  readonly showEnv?: boolean | undefined;
  /** Node programs among the processes write blocking, so that their last lines arrive. Default true. */
  readonly blockingOutput?: boolean | undefined;
  /** Aborted: what has not ended yet is killed at once. */
  readonly impatience?: AbortSignal | undefined;
  readonly extras?: Extras | undefined;
}

/**
 * Runs the processes of an app until one of them ends, or `signal` is aborted.
 * Faults: those of `readApp`, `planStart` and `runProcesses`.
 */
export async function startApp(options: StartOptions): Promise<ForemanResult> {
  const {signal, onEvent, impatience, output, extras = {}} = options;
  let app: ForemanApp;
  try {
    app = await readApp(options.app, {signal});
  } catch (error) {
    const {exitCode, message: because} = interruptOf(error);
    return {kind: 'foreman', exitCode, because, written: true, processes: []};
  }
  const plan = withBlockingOutput(planStart(app, options.plan), options.blockingOutput);
  const awaits = plan.processes.some(({ready}) => ready !== undefined);
  const [attachments, launch, awaitReady] = await Promise.all([
    attachmentsFor(plan, extras),
    launcherFor(extras),
    awaits ? import('./ready-probe.ts').then((probe) => probe.awaitReady) : undefined,
  ]);
  const shown = options.showEnv ? await (await import('./shown-env.ts')).shownEnv(app) : [];
  const notes = [...app.warnings.map((warning) => `warning: ${warning}`), ...shown];
  const hide = namesOf(plan, output.hide ?? []);
  return runProcesses(plan, {
    signal,
    onEvent,
    impatience,
    output: {...output, hide},
    attachments: [...notes.map(noting), ...attachments],
    launch,
    awaitReady,
  });
}

/** Told before the first process starts. */
const noting =
  (line: string): Attachment =>
  async (runner) => {
    runner.tell({type: 'foreman:noted', line});
    return {[Symbol.asyncDispose]: async () => {}};
  };

function withBlockingOutput(plan: StartPlan, wanted = true): StartPlan {
  if (!wanted) return plan;
  return {...plan, processes: plan.processes.map((one) => ({...one, env: blockingOutput(one.env)}))};
}

function namesOf(plan: StartPlan, given: readonly string[]): string[] {
  return plan.processes
    .filter(({name, type}) => given.includes(name) || given.includes(type))
    .map(({name}) => name);
}
