import {Args, StepCommand} from '@keelson/cli-kit';

import {extrasOf} from '../extra-flags.ts';
import {startFlags} from '../start-flags.ts';
import {watchWords} from '../watch-flag.ts';

export default class Start extends StepCommand {
  static override summary = 'Run the processes of a Procfile and show what they print, line by line.';
  static override description =
    'When one ends, or on Ctrl-C, all end: a second Ctrl-C kills. Exit code: that of the first that ended, ' +
    '128 + n after a signal. Lines are on stdout (! in place of | marks stderr); what we say ourselves is on stderr.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> web=2,worker --port 3000 --env .env,local.env',
    '<%= config.bin %> <%= command.id %> --restart --watch src',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    formation: Args.string({description: 'What to start: types, as web=2,worker. Default: one of each.'}),
  };
  static override flags = startFlags();

  override async run(): Promise<void> {
    const {argv, flags} = await this.parse(Start, watchWords(this.argv));
    const [{startApp}, {appOf}, {planOptionsOf}, {outputOptionsOf}, {watchInterrupts}, {ownOutput}] =
      await Promise.all([
        import('../start-app.ts'),
        import('../app-flags.ts'),
        import('../plan-options.ts'),
        import('../output-options.ts'),
        import('../interrupts.ts'),
        import('../own-output.ts'),
      ]);
    const {output, colorLevel} = outputOptionsOf(flags, {
      stdout: ownOutput(process.stdout),
      stderr: process.stderr,
      env: process.env,
    });
    const result = await startApp({
      ...watchInterrupts(),
      app: appOf(flags, process.env),
      plan: await planOptionsOf(flags, argv as string[], colorLevel),
      output,
      showEnv: flags['show-env'],
      blockingOutput: flags['blocking-output'],
      extras: extrasOf(flags, process),
    });
    process.exitCode = result.exitCode;
    // What nobody reads would keep us.
    if (!result.written) process.exit();
  }
}
