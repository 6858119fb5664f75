import {Args, StepCommand} from '@keelson/cli-kit';

import {targetFlags} from '../control-flag.ts';

export default class Stop extends StepCommand {
  static override summary = 'Stop processes of a runner in another terminal; the others run on.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web',
    '<%= config.bin %> <%= command.id %> worker.2',
    "<%= config.bin %> <%= command.id %> 'web.*'",
  ];
  static override strict = false;
  static override args = {
    name: Args.string({description: 'web.1, web for all of a type, or a pattern.', required: true}),
  };
  static override flags = targetFlags();

  override async run() {
    const {argv, flags} = await this.parse(Stop);
    const [{askRunner}, {processTable}] = await Promise.all([
      import('../control-client.ts'),
      import('../control-table.ts'),
    ]);
    const {root, control} = flags;
    const target = {root, control, runtimeDirectory: process.env['XDG_RUNTIME_DIR'], signal: this.signal};
    const status = await askRunner({verb: 'stop', names: argv as string[]}, target);
    this.print(processTable(status.processes, Date.now()));
    return status;
  }
}
