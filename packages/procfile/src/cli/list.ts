import {Args, StepCommand} from '@keelson/cli-kit';

import type {Procfile} from '../procfile.ts';

export default class List extends StepCommand {
  static override summary = 'List the process types and their commands.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> Procfile --json',
  ];
  static override args = {
    file: Args.string({
      description: 'A Procfile. Default: ./Procfile, else the start script of ./package.json.',
    }),
  };

  override async run(): Promise<Procfile> {
    const {args} = await this.parse(List);
    const {readProcfile} = await import('../read-procfile.ts');
    const procfile = await readProcfile('.', {file: args.file, ...this.step});
    for (const type of procfile.types) this.print(`${type.name}: ${type.command}`);
    return procfile;
  }
}
