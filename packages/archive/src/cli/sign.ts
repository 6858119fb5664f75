import {Args, Flags, outFlag, StepCommand} from '@keelson/cli-kit';
import type {ArchiveSignature} from '../signature/sign-archive.ts';

export default class Sign extends StepCommand {
  static override summary = 'Sign an archive: ARCHIVE.sig, beside it.';
  static override description =
    'Every byte is verified first. The signature holds for the same archive as a tarball, a folder or a git commit.';
  static override examples = ['<%= config.bin %> <%= command.id %> app-1.0.0.tgz --key build.key'];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };
  static override flags = {
    key: Flags.string({summary: 'File of an ed25519 private key (PEM).', helpValue: 'FILE', required: true}),
    out: outFlag('The signature. Default: ARCHIVE.sig.'),
  };

  override async run(): Promise<ArchiveSignature> {
    const {args, flags} = await this.parse(Sign);
    const [{resolveArchive}, {signArchive}] = await Promise.all([
      import('../open-archive.ts'),
      import('../signature/sign-archive.ts'),
    ]);
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const signature = await signArchive(archive, {key: flags.key, to: flags.out, signal: this.signal});
    this.print(signature.path);
    return signature;
  }
}
