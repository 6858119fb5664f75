import {Args, StepCommand} from '@keelson/cli-kit';

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
    const {startInTerminal} = await import('../start-in-terminal.ts');
    const result = await startInTerminal(flags, argv as string[], process);
    process.exitCode = result.exitCode;
    if (!result.written) process.exit(); // what nobody reads would keep us
  }
}
