import {Args, StepCommand, UsageError} from '@keelson/cli-kit';
import {runFlags} from './run-flags.ts';
import type {RunEvent} from './run-event-text.ts';

export default class Run extends StepCommand {
  static override summary = 'Run a command, or the types of the Procfile, and restart what ends.';
  static override description =
    'Holds the port itself: workers take traffic when their health check passes, and restarts lose no request. ' +
    'Ctrl-C drains, a second one ends at once; SIGHUP and SIGUSR2 replace every worker, SIGTTIN and SIGTTOU change their ' +
    'number by one. Exit: 0 when drained, 1 when cut off, 70 in a crash loop.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --workers 2 -- node server.js',
    '<%= config.bin %> <%= command.id %> --formation web=1,worker=2 --control run.sock',
  ];
  static override runLike = true;
  static override strict = false;
  static override args = {
    command: Args.string({description: 'What to run as web.1. Default: the Procfile.'}),
  };
  static override flags = runFlags;

  #texts: typeof import('./run-event-text.ts') | undefined;

  protected override describe(event: {readonly type: string}): string | undefined {
    const text = this.#texts?.runEventText(event as RunEvent);
    return text ?? (this.#texts?.isOfSupervisor(event) ? undefined : super.describe(event));
  }

  override async run(): Promise<{kind: 'run'; exitCode: number}> {
    const {argv, flags} = await this.parse(Run);
    const {flagConflict} = await import('./flag-conflict.ts');
    const conflict = flagConflict(flags);
    if (conflict) throw new UsageError(...conflict);
    this.#texts = await import('./run-event-text.ts');
    const {runHere, runOptions} = await (await import('./load-run.ts')).loadRun();
    const sink = this.jsonEnabled() ? process.stderr : process.stdout;
    const color = sink.isTTY && !process.env['NO_COLOR'];
    const {what, how} = runOptions(flags, {command: argv as string[], processEnv: process.env});
    const {signal, onEvent} = this.step;
    process.removeAllListeners('SIGHUP'); // which ends other commands
    // So does a reader that goes away (`| head`): here the tagger tells of it, and the workers serve on.
    process.stdout.removeAllListeners('error').on('error', () => undefined);
    const exitCode = await runHere(what, {
      ...how,
      supervise: {...how.supervise, signal, onEvent},
      output: {sink, color, to: flags.to, onEvent},
    });
    process.exitCode = exitCode;
    return {kind: 'run', exitCode};
  }
}
