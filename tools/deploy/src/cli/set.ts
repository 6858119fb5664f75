import {Flags, StepCommand} from '@keelson/cli-kit';
import {rootFlag} from '../server-flags.ts';

export default class Set extends StepCommand {
  static override summary =
    'Change a setting of a deployment (its keelson.json); the next deploy goes by it.';
  static override description = `action NAME COMMAND… · formation TYPE=N… · assets FOLDER… · health.path PATH · health.timeoutMs N · environment NAME ·
keep N · disk SIZE · bakeMs N · memory SIZE · cpus N · port N · key FILE · user NAME. Values of the app itself: deploy config set.`;
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> formation web=2 worker=0 --root /srv/keelson/shop',
    '<%= config.bin %> <%= command.id %> action migrate @default "npm run seed" --root /srv/keelson --app shop',
  ];
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };

  override async run(): Promise<{kind: 'settings'; settings: object}> {
    const {argv, flags} = await this.parse(Set);
    const {appRoot} = await import('../app-releases.ts');
    const {changeSettings} = await import('@keelson/releases');
    const {settingChanges} = await import('../setting-words.ts');
    const changes = settingChanges(argv as string[]);
    const settings = await changeSettings(appRoot(flags.root, flags.app), changes, {signal: this.signal});
    this.print(JSON.stringify(settings, null, 2));
    return {kind: 'settings', settings};
  }
}
