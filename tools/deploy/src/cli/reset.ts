import {Flags, StepCommand} from '@keelson/cli-kit';
import {rootFlag} from '../server-flags.ts';

export default class Reset extends StepCommand {
  static override summary =
    'Take a setting of a deployment back, or all of them: what the app says counts again.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> formation worker --root /srv/keelson/shop',
    '<%= config.bin %> <%= command.id %> action --root /srv/keelson/shop',
  ];
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };

  override async run(): Promise<{kind: 'settings'; settings: object}> {
    const {argv, flags} = await this.parse(Reset);
    const {appRoot} = await import('../app-releases.ts');
    const {changeSettings} = await import('@keelson/releases');
    const {resetChanges} = await import('../setting-words.ts');
    const changes = resetChanges(argv as string[]);
    const settings = await changeSettings(appRoot(flags.root, flags.app), changes, {signal: this.signal});
    this.print(JSON.stringify(settings, null, 2));
    return {kind: 'settings', settings};
  }
}
