import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {PrepareEvent, PreparedApp} from './prepare.ts';

export default class Prepare extends StepCommand {
  static override summary = 'Make a runnable folder of an archive: verify, unpack, prove its native add-ons.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop-1.2.0.tgz --into ./shop',
    'keelson build . --json | <%= config.bin %> <%= command.id %> - --into ./shop',
  ];
  static override args = {
    archive: Args.string({
      description: 'An archive (a file or a folder), or - for its JSON value on stdin.',
      required: true,
    }),
  };
  static override flags = {
    into: Flags.string({
      summary: 'Where to; must not exist or be empty. Default: NAME-VERSION here.',
      helpValue: 'DIR',
    }),
    'allow-root': Flags.boolean({summary: 'Load and rebuild native add-ons although this runs as root.'}),
  };

  override async run(): Promise<PreparedApp> {
    const {args, flags} = await this.parse(Prepare);
    const {prepareInto} = await import('./prepare-into.ts');
    const prepared = await prepareInto(await this.readValue(args.archive), flags.into, {
      ...this.step,
      allowRoot: flags['allow-root'],
    });
    this.print(prepared.dir);
    return prepared;
  }

  protected override describe(event: PrepareEvent): string | undefined {
    if (event.type === 'prepare:addon-failed') return `${event.path}: ${event.because}`;
    if (event.type === 'prepare:rebuild-printed') return event.line;
    if (event.type === 'prepare:rebuilt') return `rebuilt ${event.packages.join(', ')}`;
    return super.describe(event);
  }
}
