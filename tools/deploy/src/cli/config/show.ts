import {Flags, StepCommand} from '@keelson/cli-kit';
import {appWord, rootFlag} from '../../server-flags.ts';
import type {ShownConfig} from '../../show-config.ts';

export default class ConfigShow extends StepCommand {
  static override summary =
    'Show the values of an app, redacted, which revisions there are, and what its deployment says.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> guestbook --origin --root /srv/keelson',
  ];
  static override args = {app: appWord()};
  static override flags = {
    root: rootFlag(),
    revision: Flags.integer({summary: 'Which; default the newest.', helpValue: 'N', min: 0}),
    origin: Flags.boolean({summary: 'Also where each value and each setting comes from.'}),
    show: Flags.boolean({summary: 'Print the values themselves.'}),
  };

  override async run(): Promise<ShownConfig> {
    const {args, flags} = await this.parse(ConfigShow);
    const {appRoot} = await import('../../app-releases.ts');
    const {configLines, showConfig} = await import('../../show-config.ts');
    const {revision, show, origin} = flags;
    const shown = await showConfig(appRoot(flags.root, args.app), {revision, show, signal: this.signal});
    for (const line of configLines(shown, {origin})) this.print(line);
    return shown;
  }
}
