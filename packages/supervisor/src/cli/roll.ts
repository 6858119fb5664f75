import type {Change} from '../control-protocol.ts';
import {ChangeCommand} from './change-command.ts';
import {controlFlag, waitFlag} from '../control-flags.ts';

export default class Roll extends ChangeCommand {
  static override summary =
    'Replace every worker, with the command, formation and environment as they are now.';
  static override description =
    'One worker after another: a new one starts, passes its health check and takes traffic, then an old one drains. The first that is not ' +
    'ready ends the roll: the old ones stay, and those that were replaced already are started again.';
  static override examples = ['<%= config.bin %> <%= command.id %> --control run.sock --wait'];
  static override flags = {control: controlFlag, wait: waitFlag};

  override async run(): Promise<Change> {
    const {flags} = await this.parse(Roll);
    return this.ask(flags.control, (control) => control.roll({wait: flags.wait}, this.step));
  }
}
