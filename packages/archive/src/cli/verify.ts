import {Args, StepCommand} from '@keelson/cli-kit';
import type {Verification} from '../verify-tree.ts';

export default class Verify extends StepCommand {
  static override summary = 'Compare every byte of an archive with what it says about itself.';
  static override description = 'Exits 1 when something differs.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz',
    '<%= config.bin %> <%= command.id %> releases/7',
  ];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };

  override async run(): Promise<Verification> {
    const {args} = await this.parse(Verify);
    const [{resolveArchive}, {verifyArchive}] = await Promise.all([
      import('../open-archive.ts'),
      import('../verify-tree.ts'),
    ]);
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const verification = await verifyArchive(archive, this.step);
    for (const {path, because} of verification.problems) this.print(`${path} ${because}`);
    if (verification.problems.length > 0) process.exitCode = 1;
    else this.print(`${archive.path} is what it says: ${verification.digest}`);
    return verification;
  }
}
