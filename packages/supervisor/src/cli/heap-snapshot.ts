import {Args} from '@keelson/cli-kit';
import type {Inspection} from '../control-protocol.ts';
import {controlFlag} from '../control-flags.ts';
import {InspectionCommand, outFolderFlag} from './inspection-command.ts';

export default class HeapSnapshot extends InspectionCommand {
  static override summary = 'Let web workers write their heap into files for the Chrome DevTools.';
  static override description =
    'A worker stands still while it writes, and needs twice its heap; one writes after another. The files hold whatever the app holds.';
  static override examples = ['<%= config.bin %> <%= command.id %> web.1/2 --out heaps --control run.sock'];
  static override args = {
    target: Args.string({description: 'A type, an instance or a worker. Default: all.'}),
  };
  static override flags = {control: controlFlag, out: outFolderFlag};

  override async run(): Promise<Inspection> {
    const {args, flags} = await this.parse(HeapSnapshot);
    return this.inspect(flags, (control, folder) =>
      control.heapSnapshot({folder, target: args.target}, this.step),
    );
  }
}
