import type {Archive} from '@keelson/archive';
import {Args, StepCommand, type StepEvent} from '@keelson/cli-kit';
import type {SourceEvent} from '@keelson/source';
import type {BuildEvent} from './build-event.ts';
import type {BranchArchive} from './build-onto.ts';
import {buildFlags} from './build-flags.ts';

export default class Build extends StepCommand {
  #text: ((event: BuildEvent | SourceEvent) => string | undefined) | undefined;

  static override summary = 'Build an app into an archive: install, run the build scripts, prune, pack.';
  static override description =
    'SOURCE is not changed. The same sources give the same bytes (with SOURCE_DATE_EPOCH in them).';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ../app --out app.tgz --script build --script assets',
    '<%= config.bin %> <%= command.id %> https://git.example.com/app.git#v1.2.0 --json',
  ];
  static override args = {
    source: Args.string({description: 'A folder, a tarball, or a git URL (with #ref).', default: '.'}),
  };
  static override flags = buildFlags;

  override async run(): Promise<Archive | BranchArchive> {
    const {args, flags} = await this.parse(Build);
    const [{buildArchive}, {buildEventText}, {toBuildOptions}, {openSource, parseSource}] = await Promise.all(
      [
        import('./build-archive.ts'),
        import('./event-text.ts'),
        import('./to-build-options.ts'),
        import('@keelson/source'),
      ],
    );
    this.#text = buildEventText;
    const options = {...toBuildOptions(flags, process.env), ...this.step};
    const source = parseSource(args.source);
    await using checkout = await openSource(source, {...this.step, installed: !flags.install});
    if (flags.onto === undefined) {
      const archive = await buildArchive(checkout, options);
      this.print(`${archive.path}\n${archive.digest}`);
      return archive;
    }
    const {buildOnto} = await import('./build-onto.ts');
    const commit = await buildOnto(checkout, flags.onto, options);
    this.print(`${commit.branch} ${commit.revision}\n${commit.digest}`);
    return commit;
  }

  protected override describe(event: StepEvent): string | undefined {
    return this.#text?.(event as BuildEvent | SourceEvent);
  }
}
