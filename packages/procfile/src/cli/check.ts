import {Args, Flags, StepCommand, UsageError} from '@keelson/cli-kit';

import type {ProcessList} from '../list-processes.ts';

export default class Check extends StepCommand {
  static override summary = 'Check a Procfile: every bad line is named with its number.';
  static override description =
    'Exit 0 for a Procfile that can be used, with warnings on stderr for what is hardly meant; what is wrong is also on stdout where that is no terminal. A Socketfile beside it is checked, too.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --file Procfile.dev',
  ];
  static override args = {file: Args.string({description: 'The same as --file.'})};
  static override flags = {
    file: Flags.string({
      char: 'f',
      summary: 'The Procfile to check. Default: ./Procfile.',
      helpValue: 'FILE',
    }),
  };

  override async run(): Promise<ProcessList> {
    const {args, flags} = await this.parse(Check);
    if (args.file !== undefined && flags.file !== undefined)
      throw new UsageError(`two files: --file ${flags.file} and ${args.file}`, 'Name one Procfile.');
    const {listProcesses} = await import('../list-processes.ts');
    const file = flags.file ?? args.file ?? 'Procfile';
    const list = await listProcesses('.', {file, signal: this.signal}).catch((error: Error) => {
      // It is what was asked for, and no less data than that all is well; a person reads it on stderr.
      if (!process.stdout.isTTY) this.print(error.message);
      throw error;
    });
    if (!flags.quiet)
      for (const {path, line, message} of list.warnings) this.warn(`${path}:${line}: ${message}`);
    const sockets = list.sockets.length > 0 ? `; ${list.sockets.length} sockets` : '';
    this.print(`valid procfile detected (${list.processes.map(({name}) => name).join(', ')})${sockets}`);
    return list;
  }
}
