import {Args, Flags, StepCommand} from '@keelson/cli-kit';

import {targetFlags} from '../control-flag.ts';

export default class Logs extends StepCommand {
  static override summary = 'Show what processes of a runner in another terminal have printed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web --follow',
    "<%= config.bin %> <%= command.id %> -n 20 'worker.*'",
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    name: Args.string({description: 'web.1, web for all of a type, or a pattern. Default: all.'}),
  };
  static override flags = {
    ...targetFlags(),
    follow: Flags.boolean({char: 'f', summary: 'Go on with what comes.'}),
    lines: Flags.integer({
      char: 'n',
      summary: 'How many of the last lines.',
      helpValue: 'N',
      default: 100,
      min: 0,
    }),
    json: Flags.boolean({summary: 'One JSON object a line.', exclusive: ['raw']}),
    raw: Flags.boolean({char: 'r', summary: 'The lines alone, without names.'}),
  };

  override async run(): Promise<void> {
    const {argv, flags} = await this.parse(Logs);
    const {printLogs} = await import('../control-logs.ts');
    const {root, control, follow, lines, json, raw} = flags;
    await printLogs(argv as string[], {
      root,
      control,
      runtimeDirectory: process.env['XDG_RUNTIME_DIR'],
      signal: this.signal,
      lines,
      follow,
      format: json ? 'json' : raw ? 'raw' : 'text',
      color: process.stdout.isTTY && !process.env['NO_COLOR'],
      sink: process.stdout,
      onDropped: (count) => this.warn(`${count} lines were not shown: they came faster than they were read`),
    });
  }
}
