import type {Change} from '../control-protocol.ts';
import {ChangeCommand} from './change-command.ts';
import {controlFlag, waitFlag} from '../control-flags.ts';
import {durationFlag} from '../duration-flag.ts';

export default class Drain extends ChangeCommand {
  static override summary =
    'Leave the load balancer first: say not ready, serve on for the notice, then stop.';
  static override examples = ['<%= config.bin %> <%= command.id %> --notice 10s --control run.sock --wait'];
  static override flags = {
    control: controlFlag,
    notice: durationFlag({summary: 'How long to serve on.', default: 10_000}),
    wait: waitFlag,
  };

  override async run(): Promise<Change> {
    const {flags} = await this.parse(Drain);
    return this.ask(flags.control, (control) =>
      control.drain({noticeMs: flags.notice, wait: flags.wait}, this.step),
    );
  }
}
