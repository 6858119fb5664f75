import {Args, UsageError} from '@keelson/cli-kit';
import type {Change} from '../control-protocol.ts';
import {ChangeCommand} from './change-command.ts';
import {controlFlag, waitFlag} from '../control-flags.ts';

export default class Resize extends ChangeCommand {
  static override summary = 'Change how many workers share the port of an instance.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 4 --control run.sock --wait',
    '<%= config.bin %> <%= command.id %> web.1=4 --control run.sock',
  ];
  static override args = {
    size: Args.string({description: 'N for all that take traffic, or INSTANCE=N.', required: true}),
  };
  static override flags = {control: controlFlag, wait: waitFlag};

  override async run(): Promise<Change> {
    const {args, flags} = await this.parse(Resize);
    const [, target, workers] = /^(?:([^=]+)=)?(\d{1,4})$/.exec(args.size) ?? [];
    if (workers === undefined) throw new UsageError(`the size is N or INSTANCE=N, not ${args.size}`);
    return this.ask(flags.control, (control) =>
      control.resize({target, workers: Number(workers), wait: flags.wait}, this.step),
    );
  }
}
