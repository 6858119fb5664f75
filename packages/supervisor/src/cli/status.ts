import {StepCommand} from '@keelson/cli-kit';
import type {ServiceStatus} from '../run-service.ts';
import {controlFlag} from '../control-flags.ts';

export default class Status extends StepCommand {
  static override summary = 'Show what a supervisor runs.';
  static override examples = ['<%= config.bin %> <%= command.id %> --control run.sock --json'];
  static override flags = {control: controlFlag};

  override async run(): Promise<ServiceStatus> {
    const {flags} = await this.parse(Status);
    const {controlAt} = await import('../control.ts');
    const {statusLines} = await import('../status-lines.ts');
    const status = await controlAt(flags.control).status(this.step);
    for (const line of statusLines(status)) this.print(line);
    return status;
  }
}
