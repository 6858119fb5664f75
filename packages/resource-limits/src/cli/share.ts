import {Args, Flags, StepCommand} from '@keelson/cli-kit';

import type {Allocation} from '../distribute.ts';

export default class Share extends StepCommand {
  static override summary = 'Share memory and CPUs out over entry points.';
  static override examples = ['<%= config.bin %> <%= command.id %> --memory 1G --cpus 2 web=200 worker'];
  static override strict = false;
  static override args = {
    name: Args.string({
      required: true,
      description: 'Name of an entry point, with its weight: web=200 (default 100).',
    }),
  };
  static override flags = {
    memory: Flags.string({summary: 'Memory, instead of what the machine gives.', helpValue: '512M'}),
    cpus: Flags.string({summary: 'CPUs, instead of what the machine gives.', helpValue: 'N'}),
  };

  override async run(): Promise<Allocation[]> {
    const {argv, flags} = await this.parse(Share);
    const {distribute, formatSize, parseWeights, readLimits} = await import('../index.ts');
    const {toOverrides} = await import('../to-overrides.ts');
    const entryPoints = parseWeights(argv as string[]);
    const allocations = distribute(await readLimits(toOverrides(flags), this.step), entryPoints);
    for (const {name, instances, memoryBytes, cpus: each, connections, heapMegabytes} of allocations) {
      this.print(
        `${name}: ${instances} × ${formatSize(memoryBytes)}, ${each} CPUs, ${connections} connections, heap ${heapMegabytes} MB`,
      );
    }
    return allocations;
  }
}
