import {Args, Flags, StepCommand} from '@keelson/cli-kit';

export default class Set extends StepCommand {
  static override summary = 'Set configuration values of an app; the next deploy uses them.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson TITLE="Our guests" OLD=',
  ];
  static override args = {app: Args.string({description: 'Name of the app.', required: true})};
  static override flags = {
    root: Flags.string({
      summary: 'Folder that the server was started with.',
      helpValue: 'DIR',
      required: true,
    }),
  };

  override async run(): Promise<{kind: 'config-revision'; number: number; keys: string[]}> {
    const {args, argv, flags} = await this.parse(Set);
    const {setConfig} = await import('../set-config.ts');
    const revision = await setConfig(flags.root, args.app, argv.slice(1) as string[]);
    this.print(`${args.app}: config revision ${revision.number} (${revision.keys.join(', ') || 'empty'})`);
    return revision;
  }
}
