import {StepCommand} from '@keelson/cli-kit';

import type {Capabilities} from '../capability-report.ts';
import {formatsFlag} from '../format-flags.ts';

export default class Matrix extends StepCommand {
  static override summary = 'Print what every format makes of every field of the service model.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --format systemd --format runit',
  ];
  static override flags = {
    format: formatsFlag(),
  };

  override async run(): Promise<Readonly<Record<string, Capabilities>>> {
    const {flags} = await this.parse(Matrix);
    const {capabilityMatrix, matrixLines} = await import('../index.ts');
    const all = Object.entries(await capabilityMatrix());
    const asked = Object.fromEntries(
      all.filter(([name]) => !flags.format || flags.format.some((one) => one === name)),
    );
    for (const line of matrixLines(asked)) this.print(line);
    return asked;
  }
}
