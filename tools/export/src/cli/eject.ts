import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {Format} from '@keelson/exporter';

import type {Ejected} from '../eject-templates.ts';

export default class Eject extends StepCommand {
  static override summary = 'Copy the templates of a format, to change them.';
  static override description =
    'Exports ask for templates in --template DIR, then in .keelson/templates of the app, then in ~/.config/keelson/templates, then their own.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> systemd',
    '<%= config.bin %> <%= command.id %> systemd --out ~/.config/keelson/templates',
  ];
  static override args = {
    format: Args.string({required: true, description: 'The process manager, such as systemd.'}),
  };
  static override flags = {
    out: Flags.string({
      char: 'o',
      summary: 'Directory that gets FORMAT/*.hbs; default .keelson/templates.',
      helpValue: 'DIR',
    }),
  };

  override async run(): Promise<Ejected> {
    const {args, flags} = await this.parse(Eject);
    const {ejectTemplates} = await import('../eject-templates.ts');
    const ejected = await ejectTemplates(args.format as Format, {to: flags.out, signal: this.signal});
    for (const file of ejected.files) this.print(file);
    return ejected;
  }
}
