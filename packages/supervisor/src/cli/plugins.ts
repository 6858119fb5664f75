import {StepCommand} from '@keelson/cli-kit';
import type {Plugins as PluginList} from '../control-protocol.ts';
import {controlFlag} from '../control-flags.ts';

export default class Plugins extends StepCommand {
  static override summary = 'Show the plugins of a supervisor, and what went wrong in them last.';
  static override examples = ['<%= config.bin %> <%= command.id %> --control run.sock --json'];
  static override flags = {control: controlFlag};

  override async run(): Promise<PluginList> {
    const {flags} = await this.parse(Plugins);
    const {controlAt} = await import('../control.ts');
    const list = await controlAt(flags.control).plugins(this.step);
    if (list.plugins.length === 0) this.print('there are none');
    for (const {because, name, state} of list.plugins)
      this.print(`${name}  ${state}${because === undefined ? '' : `  ${because}`}`);
    return list;
  }
}
