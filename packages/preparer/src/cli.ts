import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {PrepareEvent, PreparedApp} from './prepare.ts';

export default class Prepare extends StepCommand {
  static override summary = 'Make a runnable folder of an archive, or of a package that was not built.';
  static override description =
    'An archive is verified and unpacked, and its native add-ons are proved. Of a package the lockfile says what is installed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop-1.2.0.tgz --into ./shop',
    'keelson build . --json | <%= config.bin %> <%= command.id %> - --into ./shop',
    '<%= config.bin %> <%= command.id %> ./sources --into ./shop --store ./store',
  ];
  static override args = {
    archive: Args.string({
      description:
        'An archive or a package (a file or a folder), or - for the JSON value of an archive on stdin.',
      required: true,
    }),
  };
  static override flags = {
    into: Flags.string({
      summary: 'Where to; must not exist or be empty. Default: NAME-VERSION here.',
      helpValue: 'DIR',
    }),
    key: Flags.string({summary: 'Take only what this public key signed.', helpValue: 'FILE'}),
    store: Flags.string({summary: 'Keep dependencies here for the next time.', helpValue: 'DIR'}),
    user: Flags.string({
      summary: 'Who runs install scripts and add-ons when this is root.',
      helpValue: 'NAME',
    }),
    'allow-root': Flags.boolean({summary: 'Run install scripts and add-ons although this is root.'}),
  };

  override async run(): Promise<PreparedApp> {
    const {args, flags} = await this.parse(Prepare);
    const {prepareInto} = await import('./prepare-into.ts');
    const {into, key, store, user, 'allow-root': allowRoot} = flags;
    const trusted = key === undefined ? undefined : {key};
    const options = {...this.step, allowRoot, user, store, trusted};
    const prepared = await prepareInto(await this.readValue(args.archive), into, options);
    this.print(prepared.dir);
    return prepared;
  }

  protected override describe(event: PrepareEvent): string | undefined {
    if (event.type === 'prepare:addon-failed') return `${event.path}: ${event.because}`;
    if (event.type === 'prepare:rebuild-printed' || event.type === 'prepare:install-printed')
      return event.line;
    if (event.type === 'prepare:rebuilt') return `rebuilt ${event.packages.join(', ')}`;
    return super.describe(event);
  }
}
