import {Flags, StepCommand} from '@keelson/cli-kit';

import type {Limits} from '../read-limits.ts';
import type {SharedLimits} from '../share-out.ts';

export default class Print extends StepCommand {
  static override summary =
    'Show what this process may use (memory, CPUs, files, processes), and share it out.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --memory 1G --cpus 2 --distribute limits.json --explain',
  ];
  static override flags = {
    memory: Flags.string({summary: 'Memory, instead of what the machine gives.', helpValue: '512M'}),
    cpus: Flags.string({summary: 'CPUs, instead of what the machine gives.', helpValue: 'N'}),
    distribute: Flags.string({
      summary:
        'Share them out over the entry points of a JSON file: {"entryPoints": {"web": {}}}; - reads stdin.',
      helpValue: 'FILE',
    }),
    explain: Flags.boolean({summary: 'Say how each number came about.'}),
  };

  override async run(): Promise<Limits | SharedLimits> {
    const {flags} = await this.parse(Print);
    const [{parseEntryPoints, readEntryPoints, readLimits, shareOut}, {toOverrides}, lines] =
      await Promise.all([import('../index.ts'), import('../to-overrides.ts'), import('../explain.ts')]);
    const overrides = toOverrides(flags);
    const wanted =
      flags.distribute === '-'
        ? parseEntryPoints(await this.readValue('-'), {file: 'stdin'})
        : flags.distribute === undefined
          ? undefined
          : await readEntryPoints(flags.distribute);
    const limits = await readLimits(overrides, this.step);
    const shared = wanted && shareOut(limits, wanted.entryPoints, {debug: wanted.debug});

    const shares = shared && lines.allocationLines(shared);
    const told = flags.explain
      ? lines.explainLines(shared ?? limits)
      : [...lines.limitLines(limits), ...(shares?.length ? ['', ...shares] : [])];
    for (const line of told) this.print(line);
    for (const warning of shared?.warnings ?? []) this.warn(warning);
    return shared ?? limits;
  }

  protected override describe(event: {
    readonly type: string;
    readonly path?: string;
    readonly because?: string;
  }) {
    return `${event.path} may not be read (${event.because}): a limit in it is not known`;
  }
}
