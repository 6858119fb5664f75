import type {Change} from '../control-protocol.ts';
import {ChangeCommand} from './change-command.ts';
import {controlFlag, waitFlag} from '../control-flags.ts';

export default class Stop extends ChangeCommand {
  static override summary = 'Drain and end the supervisor and all that it runs.';
  static override examples = ['<%= config.bin %> <%= command.id %> --control run.sock --wait'];
  static override flags = {control: controlFlag, wait: waitFlag};

  override async run(): Promise<Change> {
    const {flags} = await this.parse(Stop);
    return this.ask(flags.control, (control) => control.stop({wait: flags.wait}, this.step));
  }
}
