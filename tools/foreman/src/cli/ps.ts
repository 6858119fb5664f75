import {StepCommand} from '@keelson/cli-kit';

import {targetFlags} from '../control-flag.ts';

export default class Ps extends StepCommand {
  static override summary = 'Show the processes that a runner in another terminal runs.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];
  static override flags = targetFlags();

  override async run() {
    const {flags} = await this.parse(Ps);
    const [{askRunner}, {processTable}] = await Promise.all([
      import('../control-client.ts'),
      import('../control-table.ts'),
    ]);
    const {root, control} = flags;
    const target = {root, control, runtimeDirectory: process.env['XDG_RUNTIME_DIR'], signal: this.signal};
    const status = await askRunner({verb: 'ps'}, target);
    this.print(processTable(status.processes, Date.now()));
    return status;
  }
}
