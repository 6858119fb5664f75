import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {DependencyFacts} from '../archive-manifest.ts';
import type {SignatureVerification} from '../signature/verify-signature.ts';
import type {Verification} from '../verify-tree.ts';

type VerifyValue = Verification & {signature?: SignatureVerification; dependencies?: DependencyFacts};

export default class Verify extends StepCommand {
  static override summary =
    'Compare every byte of an archive with what it says about itself, and its signature with a key.';
  static override description =
    'Exits 1 when something differs, and with --key also when it is not signed with that key.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz',
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz --key build.key.pub',
  ];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };
  static override flags = {
    key: Flags.string({summary: 'File of the ed25519 public key (PEM) that is trusted.', helpValue: 'FILE'}),
    signature: Flags.string({summary: 'Default: ARCHIVE.sig.', helpValue: 'FILE', dependsOn: ['key']}),
  };

  override async run(): Promise<VerifyValue> {
    const {args, flags} = await this.parse(Verify);
    const [{resolveArchive}, {trustLines}, {verifyArchive}, {verifySignature}] = await Promise.all([
      import('../open-archive.ts'),
      import('./trust-lines.ts'),
      import('../verify-tree.ts'),
      import('../signature/verify-signature.ts'),
    ]);
    const {signal} = this;
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const {key, signature: file} = flags;
    const signature =
      key === undefined ? undefined : await verifySignature(archive, {key, signature: file, signal});
    const verification = await verifyArchive(archive, this.step);
    for (const {path, because} of verification.problems) this.print(`${path} ${because}`);
    if (verification.problems.length === 0)
      this.print(`${archive.path} is what it says: ${verification.digest}`);
    const {dependencies} = archive.manifest;
    if (dependencies !== undefined) for (const line of trustLines(dependencies)) this.print(line);
    if (signature !== undefined)
      this.print(
        signature.valid ? `signed with the key ${signature.keyId}` : `${archive.path}: ${signature.because}`,
      );
    if (verification.problems.length > 0 || signature?.valid === false) process.exitCode = 1;
    return {...verification, ...(signature && {signature}), ...(dependencies && {dependencies})};
  }
}
