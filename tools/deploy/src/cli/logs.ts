import {Flags, StepCommand} from '@keelson/cli-kit';
import {appWord, rootFlag} from '../server-flags.ts';

export default class Logs extends StepCommand {
  static override summary = 'Show what an app printed, each line with its time and process.';
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson --follow'];
  static override args = {app: appWord()};
  static override flags = {
    root: rootFlag(),
    lines: Flags.integer({
      char: 'n',
      summary: 'How many of the last lines.',
      helpValue: 'N',
      default: 100,
      min: 0,
    }),
    follow: Flags.boolean({char: 'f', summary: 'Go on with new lines until a signal.'}),
  };

  override async run(): Promise<{kind: 'log'; path: string}> {
    const {args, flags} = await this.parse(Logs);
    const {appRoot} = await import('../app-releases.ts');
    const {logFile} = await import('../hosted-app.ts');
    const {copyLogLines} = await import('../log-lines.ts');
    const path = logFile(appRoot(flags.root, args.app));
    const {lines, follow} = flags;
    if (!this.jsonEnabled()) await copyLogLines(path, process.stdout, {lines, follow, signal: this.signal});
    return {kind: 'log', path};
  }
}
