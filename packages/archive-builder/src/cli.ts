import {Args, StepCommand, type StepEvent} from '@keelson/cli-kit';
import type {SourceEvent} from '@keelson/source';
import type {BuildEvent} from './build-event.ts';
import {buildFlags} from './build-flags.ts';
import type {RunBuild} from './run-build.ts';

export default class Build extends StepCommand {
  #text: ((event: BuildEvent | SourceEvent) => string | undefined) | undefined;

  static override summary = 'Build an app into an archive: install, run the build scripts, prune, pack.';
  static override description =
    'SOURCE is not changed. The same sources give the same bytes (with SOURCE_DATE_EPOCH in them).';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ../app --out app.tgz --script build --script assets',
    '<%= config.bin %> <%= command.id %> --workspace api --dry-run',
    '<%= config.bin %> <%= command.id %> --no-scripts --include dist',
    '<%= config.bin %> <%= command.id %> https://git.example.com/app.git#v1.2.0 --json',
  ];
  static override args = {
    source: Args.string({
      description: 'A folder, a tarball or the URL of one, or a git URL (with #ref).',
      default: '.',
    }),
  };
  static override flags = buildFlags;

  override async run(): Promise<RunBuild['value']> {
    const {args, flags} = await this.parse(Build);
    const [{buildEventText}, {runBuild}, {toBuildOptions}] = await Promise.all([
      import('./event-text.ts'),
      import('./run-build.ts'),
      import('./to-build-options.ts'),
    ]);
    this.#text = buildEventText;
    const build = toBuildOptions(flags, process.env);
    const options = {
      build,
      onto: flags.onto,
      deployRepository: flags['deploy-repo'],
      dryRun: flags['dry-run'],
      ...this.step,
    };
    const {value, text} = await runBuild(args.source, options);
    this.print(text);
    return value;
  }

  protected override describe(event: StepEvent): string | undefined {
    return this.#text?.(event as BuildEvent | SourceEvent);
  }
}
