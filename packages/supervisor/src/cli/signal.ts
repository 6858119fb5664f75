import {constants} from 'node:os';
import {Args, StepCommand, UsageError} from '@keelson/cli-kit';
import type {Signalled} from '../control-protocol.ts';
import {controlFlag} from '../control-flags.ts';

export default class Signal extends StepCommand {
  static override summary = 'Send a signal to workers and what they have started.';
  static override description =
    'Node workers that take traffic leave TERM and INT to the supervisor: stop, restart and resize end them.';
  static override examples = ['<%= config.bin %> <%= command.id %> USR2 web.1 --control run.sock'];
  static override args = {
    signal: Args.string({description: 'As USR2 or SIGUSR2.', required: true}),
    target: Args.string({description: 'A type, an instance or a worker. Default: all.'}),
  };
  static override flags = {control: controlFlag};

  override async run(): Promise<Signalled> {
    const {args, flags} = await this.parse(Signal);
    const signal = `SIG${args.signal.toUpperCase().replace(/^SIG/, '')}`;
    if (!Object.hasOwn(constants.signals, signal)) throw new UsageError(`there is no signal ${args.signal}`);
    const {controlAt} = await import('../control.ts');
    const sent = await controlAt(flags.control).signal({signal, target: args.target}, this.step);
    this.print(
      sent.pids.length > 0 ? `${signal} was sent to ${sent.pids.join(', ')}` : 'no worker runs there',
    );
    return sent;
  }
}
