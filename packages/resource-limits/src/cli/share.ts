import {Args, Flags, StepCommand} from '@keelson/cli-kit';

import type {SharedLimits} from '../share-out.ts';

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
    explain: Flags.boolean({summary: 'Say how each number came about.'}),
  };

  override async run(): Promise<SharedLimits> {
    const {argv, flags} = await this.parse(Share);
    const [{parseWeights, readLimits, shareOut}, {toOverrides}, lines] = await Promise.all([
      import('../index.ts'),
      import('../to-overrides.ts'),
      import('../explain.ts'),
    ]);
    const entryPoints = parseWeights(argv as string[]);
    const value = shareOut(await readLimits(toOverrides(flags), this.step), entryPoints);
    for (const line of flags.explain ? lines.explainLines(value) : lines.allocationLines(value))
      this.print(line);
    for (const warning of value.warnings) this.warn(warning);
    return value;
  }
}
