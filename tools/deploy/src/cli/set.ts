import {StepCommand} from '@keelson/cli-kit';
import {appArgument, rootFlag} from '../server-flags.ts';

export default class Set extends StepCommand {
  static override summary = 'Set configuration values of an app; the next deploy uses them.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson TITLE="Our guests" OLD=',
  ];
  static override args = {app: appArgument()};
  static override flags = {
    root: rootFlag(),
  };

  override async run(): Promise<{kind: 'config-revision'; number: number; keys: string[]}> {
    const {args, argv, flags} = await this.parse(Set);
    const {setConfig} = await import('../set-config.ts');
    const revision = await setConfig(flags.root, args.app, argv.slice(1) as string[]);
    this.print(`${args.app}: config revision ${revision.number} (${revision.keys.join(', ') || 'empty'})`);
    return revision;
  }
}
