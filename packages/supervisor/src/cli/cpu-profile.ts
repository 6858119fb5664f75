import {Args} from '@keelson/cli-kit';
import type {Inspection} from '../control-protocol.ts';
import {controlFlag} from '../control-flags.ts';
import {durationFlag} from '../duration-flag.ts';
import {InspectionCommand, outFolderFlag} from './inspection-command.ts';

export default class CpuProfile extends InspectionCommand {
  static override summary = 'Let web workers write what their CPU time goes to, for the Chrome DevTools.';
  static override examples = ['<%= config.bin %> <%= command.id %> web.1 --for 10s --control run.sock'];
  static override args = {
    target: Args.string({description: 'A type, an instance or a worker. Default: all.'}),
  };
  static override flags = {
    control: controlFlag,
    out: outFolderFlag,
    for: durationFlag({summary: 'How long to look.', default: 5000}),
  };

  override async run(): Promise<Inspection> {
    const {args, flags} = await this.parse(CpuProfile);
    return this.inspect(flags, (control, folder) =>
      control.cpuProfile({folder, ms: flags.for, target: args.target}, this.step),
    );
  }
}
