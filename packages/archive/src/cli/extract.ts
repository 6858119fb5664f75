import {resolve} from 'node:path';
import {Args, StepCommand, type StepEvent} from '@keelson/cli-kit';
import type {Archive} from '../archive.ts';

export default class Extract extends StepCommand {
  static override summary = 'Unpack an archive into a new folder, verifying every byte.';
  static override examples = ['<%= config.bin %> <%= command.id %> app-1.0.0.tgz app'];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
    dir: Args.string({description: 'A folder that does not exist or is empty.', required: true}),
  };

  override async run(): Promise<Archive> {
    const {args} = await this.parse(Extract);
    const [{extractArchive}, {resolveArchive}] = await Promise.all([
      import('../extract-archive.ts'),
      import('../open-archive.ts'),
    ]);
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    await extractArchive(archive, args.dir, this.step);
    const {kind, digest, manifest} = archive;
    const {bytes} = manifest.contents;
    const extracted: Archive = {kind, form: 'directory', path: resolve(args.dir), digest, bytes, manifest};
    this.print(extracted.path);
    return extracted;
  }

  protected override describe({type}: StepEvent): string | undefined {
    return type === 'archive:extracted' ? 'unpacking' : undefined;
  }
}
