import type {Archive} from '@keelson/archive';
import {Args, Flags, outFlag, StepCommand, UsageError, type StepEvent} from '@keelson/cli-kit';
import type {SourceEvent} from '@keelson/source';
import type {BuildEvent} from './build-event.ts';

const list = {multiple: true, multipleNonGreedy: true, delimiter: ',', helpValue: 'NAME'} as const;

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
  static override flags = {
    out: outFlag('The archive, .tgz or .tar. Default: NAME-VERSION.tgz in the current folder.'),
    script: Flags.string({...list, char: 's', summary: 'package.json script to run instead of `build`.'}),
    rebuild: Flags.string({...list, summary: 'Package whose install scripts may run.'}),
  };

  override async run(): Promise<Archive> {
    const {args, flags} = await this.parse(Build);
    const [{buildArchive}, {buildEventText}, {openSource, parseSource}] = await Promise.all([
      import('./build-archive.ts'),
      import('./event-text.ts'),
      import('@keelson/source'),
    ]);
    this.#text = buildEventText;
    const modifiedAt = epochSeconds(process.env['SOURCE_DATE_EPOCH']);
    await using checkout = await openSource(parseSource(args.source), this.step);
    const archive = await buildArchive(checkout, {
      out: flags.out,
      scripts: flags.script,
      rebuild: flags.rebuild,
      modifiedAt,
      ...this.step,
    });
    this.print(`${archive.path}\n${archive.digest}`);
    return archive;
  }

  protected override describe(event: StepEvent): string | undefined {
    return this.#text?.(event as BuildEvent | SourceEvent);
  }
}

/** https://reproducible-builds.org/specs/source-date-epoch/ */
function epochSeconds(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new UsageError(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, not seconds since 1970`);
}
