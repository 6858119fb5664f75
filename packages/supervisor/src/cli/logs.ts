import {Args, StepCommand} from '@keelson/cli-kit';
import type {Logs} from '../control-protocol.ts';
import {controlFlag} from '../control-flags.ts';

export default class LastLines extends StepCommand {
  static override summary = 'Show what each worker printed last.';
  static override description = 'At most 20 lines of each; everything is where `keelson run` writes it.';
  static override examples = ['<%= config.bin %> <%= command.id %> web.1/2 --control run.sock'];
  static override args = {
    target: Args.string({description: 'A type, an instance or a worker. Default: all.'}),
  };
  static override flags = {control: controlFlag};

  override async run(): Promise<Logs> {
    const {args, flags} = await this.parse(LastLines);
    const {controlAt} = await import('../control.ts');
    const logs = await controlAt(flags.control).logs({target: args.target}, this.step);
    for (const {lines, worker} of logs.workers) for (const line of lines) this.print(`${worker} ${line}`);
    return logs;
  }
}
