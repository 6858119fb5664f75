import type {StepOptions} from '@keelson/step';

import type {AwaitReady} from './await-ready.ts';
import {dependenciesOf} from './dependencies.ts';
import {createEnding, type Ending} from './ending.ts';
import {ForemanFault} from './fault.ts';
import type {ForemanEvent} from './foreman-event.ts';
import {noteOf} from './note-of.ts';
import {openOutput, type OutputOptions, type ProcessOutput} from './process-output.ts';
import type {ProcessPlan, StartPlan} from './process-plan.ts';
import type {ProcessStatus} from './process-status.ts';
import {createRunner, type Attachment, type ProcessRunner} from './runner.ts';
import {launchInPipes, type Launcher} from './running-process.ts';
import {watchStall} from './stall-watch.ts';

export interface RunOptions extends StepOptions<ForemanEvent> {
  readonly output: OutputOptions;
  /** Aborted: what has not ended yet is killed at once. */
  readonly impatience?: AbortSignal | undefined;
  readonly launch?: Launcher | undefined;
  /** Needed when a process of the plan says when it is ready. */
  readonly awaitReady?: AwaitReady | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
}

export interface ForemanResult {
  readonly kind: 'foreman';
  /** Of the first process that ended; 130, 143 or 129 when interrupted; 141 when the reader of the output went away. */
  readonly exitCode: number;
  /** Why everything ended: `web.1 exited with code 7`. */
  readonly because: string;
  /** False: there is output left that the reader does not take. */
  readonly written: boolean;
  readonly processes: readonly ProcessStatus[];
}

/**
 * Runs the processes of a plan until one of them, or `signal`, ends it. Then the others end, too: nobody of any process group is
 * left when this settles, and everything that they printed is written. Aborted with an `Interrupt`, it resolves with its exit code.
 * Faults: FOREMAN_NOT_READY, FOREMAN_OUTPUT; those of `launch` and of the attachments.
 */
export async function runProcesses(plan: StartPlan, options: RunOptions): Promise<ForemanResult> {
  const {signal, impatience, onEvent, attachments = []} = options;
  const ending = createEnding(signal);
  const names = plan.processes.map(({name}) => name);
  const output = openOutput(names, options.output, (code, because) => ending.outputFailed(code, because));
  const tell = (event: ForemanEvent) => {
    const note = noteOf(event);
    if (note !== undefined) output.note(note);
    onEvent?.(event);
  };
  const runner = runnerOf(plan, {...options, ending, output, tell});
  const attached: AsyncDisposable[] = [];
  let gone: Promise<void> | undefined;
  const end = () => (gone ??= runner.end());
  try {
    for (const attach of attachments) attached.push(await attach(runner));
    void runner.start();
    const because = await ending.reason;
    tell({type: 'foreman:stopping', because});
    const killRest = () => {
      tell({type: 'foreman:killed', because: 'asked again'});
      runner.kill([], 'SIGKILL');
    };
    impatience?.addEventListener('abort', killRest, {once: true});
    using sinks = watchStall([options.output.stdout, options.output.stderr], signal);
    await end();
    impatience?.removeEventListener('abort', killRest);
    const written = await sinks.writtenOrStalled(runner.drained().then(() => output.close()));
    const exitCode = ending.exitCode();
    return {kind: 'foreman', exitCode, because, written, processes: runner.ps()};
  } finally {
    await end();
    await Promise.allSettled(attached.map((one) => one[Symbol.asyncDispose]()));
  }
}

function runnerOf(
  plan: StartPlan,
  {
    ending,
    output,
    tell,
    launch = launchInPipes,
    awaitReady,
  }: Pick<RunOptions, 'launch' | 'awaitReady'> & {
    readonly ending: Ending;
    readonly output: ProcessOutput;
    readonly tell: (event: ForemanEvent) => void;
  },
): ProcessRunner {
  const dependencies = dependenciesOf(plan.processes);
  const endForWaiting = (process: ProcessPlan, because: string) => {
    const waiting = dependencies.waitingFor(process);
    if (waiting.length === 0) return;
    const message = `${process.name} is not ready, and ${waiting.join(', ')} wait for it: ${because}`;
    const hint = `See what ${process.name} printed, or give it longer: --ready-timeout, timeoutMs of \`ready\` in package.json.`;
    ending.fault(new ForemanFault('FOREMAN_NOT_READY', message, {hint}));
  };
  const runner = createRunner(plan, {
    launch,
    awaitReady,
    restartLimit: plan.restartLimit,
    tell,
    attach: ({name}, running) => output.attach(name, running),
    whenReady: dependencies.whenReady,
    onReady: dependencies.ready,
    onNotReady(process, because) {
      tell({type: 'foreman:noted', line: `${process.name} is not ready: ${because}`});
      endForWaiting(process, because);
    },
    onEnded(process, end) {
      ending.ended(plan, {process, end, all: runner.ps()});
      // One whose files are watched starts again with the next change.
      if (process.watch.length === 0) endForWaiting(process, `it ${end.because}`);
    },
    onFault: (error) => ending.fault(error),
  });
  return runner;
}
