import {Args, Flags, StepCommand, envFlag, formationFlag, portFlag} from '@keelson/cli-kit';
import type {SupervisorEvent} from './supervise.ts';
import {workersFlag} from './workers-flag.ts';

export default class Run extends StepCommand {
  static override summary = 'Run a command, or the types of the Procfile, and restart what ends.';
  static override description =
    'Holds the port itself: workers take traffic when their health check passes, and restarts lose no request. ' +
    'Ctrl-C drains, a second one ends at once; SIGUSR2 replaces every worker. Exit: 0 when drained, 1 when cut off.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --workers 2 -- node server.js',
    '<%= config.bin %> <%= command.id %> --formation web=1,worker=2',
  ];
  static override runLike = true;
  static override strict = false;
  static override args = {
    command: Args.string({description: 'What to run as web.1. Default: the Procfile.'}),
  };
  static override flags = {
    formation: formationFlag(),
    port: portFlag({summary: 'Port of the first instance. Default: PORT, else 5000.'}),
    workers: workersFlag(),
    env: envFlag(),
    host: Flags.string({summary: 'Address to listen on.', default: '127.0.0.1'}),
    health: Flags.string({
      summary: 'Path that answers 2xx when the app works.',
      helpValue: 'PATH',
      default: '/',
    }),
    grace: Flags.integer({summary: 'Seconds that a drain may take.', helpValue: 'S', min: 0, default: 30}),
  };

  protected override describe(event: {readonly type: string}): string | undefined {
    const it = event as SupervisorEvent; // what ends and starts again is in the log of the worker
    if (it.type === 'supervisor:ready') return `${it.worker} is ready (pid ${it.pid})`;
    return it.type === 'supervisor:opened' ? `generation ${it.generation} takes traffic` : undefined;
  }

  override async run(): Promise<{kind: 'run'; exitCode: number}> {
    const {argv, flags} = await this.parse(Run);
    const {runHere} = await import('./run-here.ts');
    const {formation, port, workers, env: envFiles, host, health: path} = flags;
    const sink = this.jsonEnabled() ? process.stderr : process.stdout;
    const color = sink.isTTY && !process.env['NO_COLOR'];
    const what = {command: argv as string[], formation, port, workers, envFiles, processEnv: process.env};
    const health = {path, timeoutMs: 30_000};
    const running = runHere(
      {...what, health},
      {host, graceMs: flags.grace * 1000, sink, color, ...this.step},
    );
    process.on('SIGUSR2', () => void running.then((service) => service.roll()).catch(() => {}));
    const {exitCode} = await (await running).finished;
    process.exitCode = exitCode;
    return {kind: 'run', exitCode};
  }
}
