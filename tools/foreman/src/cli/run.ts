import {Args, StepCommand, UsageError} from '@keelson/cli-kit';

import {appFlags} from '../app-flags.ts';
import {secondsFlag} from '../seconds-flag.ts';

export default class Run extends StepCommand {
  static override summary = 'Run one command with the environment of the app.';
  static override description =
    'A single word is a process of the Procfile, or else a line for the shell; several words are a program and its arguments. ' +
    'It has our stdin and stdout, and its exit code is ours.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --env .env node migrate.js --force',
    "<%= config.bin %> <%= command.id %> 'echo $DATABASE_URL'",
    '<%= config.bin %> <%= command.id %> worker',
  ];
  static override enableJsonFlag = false;
  static override runLike = true;
  static override strict = false;
  static override args = {command: Args.string({description: 'What to run.', required: true})};
  static override flags = {...appFlags(), timeout: secondsFlag()};

  override async run(): Promise<void> {
    const {argv, flags} = await this.parse(Run);
    const [{runOnce}, {watchInterrupts}, {appOf}, {passOn}, {isatty}] = await Promise.all([
      import('../run-once.ts'),
      import('../interrupts.ts'),
      import('../app-flags.ts'),
      import('../own-output.ts'),
      import('node:tty'),
    ]);
    if (argv.join('').trim() === '') throw new UsageError('there is nothing to run', 'Name a command.');
    passOn(process.stdout);
    passOn(process.stderr);
    const {exitCode} = await runOnce(argv as string[], {
      ...watchInterrupts(),
      app: appOf(flags, process.env),
      graceMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      interactive: [0, 1, 2].some((fd) => isatty(fd)),
      showEnv: flags['show-env'] ? (line) => this.logToStderr(line) : undefined,
    });
    process.exitCode = exitCode;
  }
}
