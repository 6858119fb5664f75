import {Args, Flags, StepCommand, UsageError} from '@keelson/cli-kit';

import type {ProcessList} from '../list-processes.ts';

export default class List extends StepCommand {
  static override summary = 'List the process types and their commands.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file Procfile.dev --json',
  ];
  static override args = {file: Args.string({description: 'The same as --file.'})};
  static override flags = {
    file: Flags.string({
      char: 'f',
      summary: 'A Procfile. Default: ./Procfile, else the start script of ./package.json.',
      helpValue: 'FILE',
    }),
  };

  override async run(): Promise<ProcessList> {
    const {args, flags} = await this.parse(List);
    if (args.file !== undefined && flags.file !== undefined)
      throw new UsageError(`two files: --file ${flags.file} and ${args.file}`, 'Name one Procfile.');
    const {listProcesses} = await import('../list-processes.ts');
    const list = await listProcesses('.', {
      file: flags.file ?? args.file,
      mayBeCommentedOut: true,
      signal: this.signal,
    });
    if (!flags.quiet)
      for (const {path, line, message} of list.warnings) this.warn(`${path}:${line}: ${message}`);
    for (const {name, command} of list.processes) this.print(`${name}: ${command}`);
    return list;
  }
}
