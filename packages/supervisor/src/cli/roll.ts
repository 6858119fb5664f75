import type {Change} from '../control-protocol.ts';
import {ChangeCommand} from './change-command.ts';
import {controlFlag, waitFlag} from '../control-flags.ts';

export default class Roll extends ChangeCommand {
  static override summary =
    'Replace every worker, with the command, formation and environment as they are now.';
  static override description =
    'New workers start, pass their health check and take traffic before the old ones drain. What is not ready is ended, and the old ones stay.';
  static override examples = ['<%= config.bin %> <%= command.id %> --control run.sock --wait'];
  static override flags = {control: controlFlag, wait: waitFlag};

  override async run(): Promise<Change> {
    const {flags} = await this.parse(Roll);
    return this.ask(flags.control, (control) => control.roll({wait: flags.wait}, this.step));
  }
}
