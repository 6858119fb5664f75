import {Args, StepCommand} from '@keelson/cli-kit';

import type {Procfile} from '../procfile.ts';

export default class Check extends StepCommand {
  static override summary = 'Check a Procfile: every bad line is named with its number.';
  static override examples = ['<%= config.bin %> <%= command.id %> Procfile'];
  static override args = {
    file: Args.string({description: 'The Procfile to check.', default: 'Procfile'}),
  };

  override async run(): Promise<Procfile> {
    const {args} = await this.parse(Check);
    const {readProcfile} = await import('../read-procfile.ts');
    const procfile = await readProcfile('.', {file: args.file, ...this.step});
    this.print(`valid procfile detected (${procfile.types.map((type) => type.name).join(', ')})`);
    return procfile;
  }
}
