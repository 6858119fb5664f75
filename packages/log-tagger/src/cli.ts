import {Args, Flags, StepCommand, UsageError} from '@keelson/cli-kit';

import type {eventWords} from './event-words.ts';
import {tagFlags, usageErrorOf} from './tag-flags.ts';
import type {TaggerEvent} from './tagger-options.ts';

export default class Tag extends StepCommand {
  static override summary = 'Put a tag and the time in front of every line of stdin, or of a command.';
  static override description =
    'With a command both of its streams are tagged, and its exit code is passed on (128+n for a signal). Every byte of a line stays as it is. SIGHUP and SIGUSR1 open files again; SIGUSR2 is the command’s, and without one it shows lines of every level, or again those of --level.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --tag web.1 -- node server.js',
    'node server.js | <%= config.bin %> <%= command.id %> --tag web.1 --format json',
    '<%= config.bin %> <%= command.id %> --merge --to "file:app.log?size=10M&keep=5" --to stdout -- node server.js',
  ];
  // stdout holds the lines: no place for --json.
  static override enableJsonFlag = false;
  static override baseFlags = {quiet: StepCommand.baseFlags.quiet} as typeof StepCommand.baseFlags;
  static override runLike = true;
  static override strict = false;
  static override args = {command: Args.string({description: 'What to run. Default: read stdin.'})};
  static override flags = {
    ...tagFlags,
    preload: Flags.boolean({
      summary: 'Node programs write to us blocking: what they say last arrives.',
      default: true,
      allowNo: true,
    }),
  };

  #words: typeof eventWords | undefined;

  protected override describe(event: TaggerEvent): string | undefined {
    return this.#words?.(event);
  }

  override run(): Promise<void> {
    return this.#tag().catch((error: unknown) => Promise.reject(usageErrorOf(error)));
  }

  async #tag(): Promise<void> {
    const {argv, flags} = await this.parse(Tag);
    const {signal, onEvent} = this.step;
    this.#words = (await import('./event-words.ts')).eventWords;
    const {fieldsOf} = await import('./flag-settings.ts');
    const {taggerFromFlags} = await import('./tagger-from-flags.ts');
    const tagger = await taggerFromFlags(flags, {env: process.env, onEvent});
    const lines = {tag: flags.tag, fields: fieldsOf(flags), tagger, signal};
    if (argv.length === 0) {
      if (flags.pid)
        throw new UsageError('--pid needs a COMMAND', 'Of who writes into a pipe nobody knows the pid.');
      const {tagInput} = await import('./tag-input.ts');
      return tagInput(lines);
    }
    const {tagCommand} = await import('./tag-command.ts');
    const {blockingOutput} = await import('./blocking-output.ts');
    const env = flags.preload ? blockingOutput(process.env) : undefined;
    process.exitCode = await tagCommand(argv as string[], {...lines, pid: flags.pid, env});
  }
}
