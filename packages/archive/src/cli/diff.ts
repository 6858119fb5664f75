import {Args, StepCommand} from '@keelson/cli-kit';
import type {ArchiveDifference} from '../difference/diff-archives.ts';

const archive = (description: string) => Args.string({description, required: true});

export default class Diff extends StepCommand {
  static override summary =
    'Tell what differs between two archives: packages by their versions, then files, links and modes.';
  static override description =
    'Compares what their keelson.json list; whether a folder is still that, `verify` tells. Exits 1 when something differs.';
  static override examples = ['<%= config.bin %> <%= command.id %> app-1.0.0.tgz app-1.1.0.tgz'];
  static override args = {
    from: archive('A tarball, or a folder with keelson.json.'),
    to: archive('Another one.'),
  };

  override async run(): Promise<ArchiveDifference> {
    const {args} = await this.parse(Diff);
    const [{openArchive}, {diffArchives}, {differenceLines}] = await Promise.all([
      import('../open-archive.ts'),
      import('../difference/diff-archives.ts'),
      import('../difference/difference-lines.ts'),
    ]);
    const options = {signal: this.signal};
    const [from, to] = [await openArchive(args.from, options), await openArchive(args.to, options)];
    const difference = await diffArchives(from, to, options);
    for (const line of differenceLines(difference)) this.print(line);
    if (!difference.same) process.exitCode = 1;
    return difference;
  }
}
