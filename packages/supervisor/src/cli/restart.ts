import {Args} from '@keelson/cli-kit';
import type {Change} from '../control-protocol.ts';
import {ChangeCommand} from './change-command.ts';
import {controlFlag, waitFlag} from '../control-flags.ts';

export default class Restart extends ChangeCommand {
  static override summary = 'Replace workers one after another, each when its successor takes traffic.';
  static override description =
    'Unlike roll it reads no Procfile and no environment again, and there is only one process more at a time.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --control run.sock --wait',
    '<%= config.bin %> <%= command.id %> web.1/2 --control run.sock',
  ];
  static override args = {
    target: Args.string({description: 'A type, an instance or a worker. Default: all.'}),
  };
  static override flags = {control: controlFlag, wait: waitFlag};

  override async run(): Promise<Change> {
    const {args, flags} = await this.parse(Restart);
    return this.ask(flags.control, (control) =>
      control.restart({target: args.target, wait: flags.wait}, this.step),
    );
  }
}
