import {Args, Flags, StepCommand} from '@keelson/cli-kit';

export default class Tag extends StepCommand {
  static override summary = 'Put a tag and the time in front of every line of stdin, or of a command.';
  static override description =
    'With a command both of its streams go to stdout, and its exit code is passed on (128+n for a signal). Every byte of a line stays as it is.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --tag web.1 -- node server.js',
    'node server.js | <%= config.bin %> <%= command.id %> --tag web.1 --format json',
  ];
  // stdout holds the lines: no place for --json.
  static override enableJsonFlag = false;
  static override baseFlags = {quiet: StepCommand.baseFlags.quiet} as typeof StepCommand.baseFlags;
  static override runLike = true;
  static override strict = false;
  static override args = {command: Args.string({description: 'What to run. Default: read stdin.'})};
  static override flags = {
    tag: Flags.string({char: 't', summary: 'Default: the name of the command.', helpValue: 'TAG'}),
    timestamps: Flags.option({
      options: ['iso', 'none'] as const,
      summary: 'Time of arrival.',
      default: 'iso',
    })(),
    format: Flags.option({
      options: ['text', 'json'] as const,
      summary: 'json: one object a line, also of lines that are none.',
      default: 'text',
    })(),
    preload: Flags.boolean({
      summary: 'Node programs write to us blocking: what they say last arrives.',
      default: true,
      allowNo: true,
    }),
  };

  override async run(): Promise<void> {
    const {argv, flags} = await this.parse(Tag);
    const {tag, timestamps, format} = flags;
    const color = process.stdout.isTTY && !process.env['NO_COLOR'];
    const tagger = {sink: process.stdout, timestamps, format, color};
    const {signal} = this;
    const {stdin} = process;
    if (argv.length === 0) {
      const {tagInput} = await import('./tag-input.ts');
      // Nobody else ends a terminal's input.
      return tagInput(stdin, {tag: tag ?? '', tagger, signal, graceMs: stdin.isTTY ? 0 : undefined});
    }
    const [{exitStatus}, {tagCommand}, {blockingOutput}] = await Promise.all([
      import('@keelson/spawn'),
      import('./tag-command.ts'),
      import('./blocking-output.ts'),
    ]);
    const env = flags.preload ? blockingOutput(process.env) : undefined;
    // A process in the background that reads its terminal would be stopped (SIGTTIN).
    const input = stdin.isTTY ? undefined : stdin;
    process.exitCode = exitStatus(await tagCommand(argv as string[], {tag, tagger, signal, input, env}));
  }
}
