import {Flags} from '@keelson/cli-kit';
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
    'drain-reply': Flags.string({
      summary:
        'What new HTTP requests get meanwhile, in place of the app: 503, and the connection is closed.',
      options: ['503'],
    }),
    wait: waitFlag,
  };

  override async run(): Promise<Change> {
    const {flags} = await this.parse(Drain);
    const reply = flags['drain-reply'] === undefined ? undefined : 503;
    return this.ask(flags.control, (control) =>
      control.drain({noticeMs: flags.notice, reply, wait: flags.wait}, this.step),
    );
  }
}
