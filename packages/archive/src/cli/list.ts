import {Args, StepCommand} from '@keelson/cli-kit';
import type {ArchiveEntry} from '../archive-manifest.ts';

export default class List extends StepCommand {
  static override summary = 'List what an archive says that it holds; verify compares it.';
  static override description = 'A line for each file or link: mode, size, path.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz',
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz --json',
  ];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };

  override async run(): Promise<ArchiveEntry[]> {
    const {args} = await this.parse(List);
    const {readEntries, resolveArchive} = await import('../open-archive.ts');
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const entries = await readEntries(archive, this.step);
    for (const entry of entries)
      if (entry.mode === 'link') this.print(`link ${'-'.padStart(9)} ${entry.path} -> ${entry.target}`);
      else this.print(`${entry.mode.padEnd(4)} ${String(entry.size).padStart(9)} ${entry.path}`);
    return entries;
  }
}
