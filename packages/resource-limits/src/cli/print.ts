import {Flags, StepCommand} from '@keelson/cli-kit';

import type {Limits} from '../read-limits.ts';

export default class Print extends StepCommand {
  static override summary =
    'Show the memory, CPUs, files and processes that this process may use, and what limits each.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --memory 1G',
  ];
  static override flags = {
    memory: Flags.string({summary: 'Memory, instead of what the machine gives.', helpValue: '512M'}),
    cpus: Flags.string({summary: 'CPUs, instead of what the machine gives.', helpValue: 'N'}),
  };

  override async run(): Promise<Limits> {
    const {flags} = await this.parse(Print);
    const [{readLimits}, {formatSize}, {toOverrides}] = await Promise.all([
      import('../read-limits.ts'),
      import('../size.ts'),
      import('../to-overrides.ts'),
    ]);
    const limits = await readLimits(toOverrides(flags), this.step);
    const {source} = limits;
    this.print(`memory     ${formatSize(limits.memoryBytes).padEnd(12)} ${source.memory}`);
    this.print(`cpus       ${String(limits.cpus).padEnd(12)} ${source.cpus}`);
    this.print(`files      ${String(limits.files).padEnd(12)} ${source.files}`);
    this.print(`processes  ${String(limits.processes).padEnd(12)} ${source.processes}`);
    return limits;
  }
}
