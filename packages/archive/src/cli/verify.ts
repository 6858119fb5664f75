import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {DependencyFacts} from '../archive-manifest.ts';
import type {Trust} from '../signature/verify-trust.ts';
import type {Verification} from '../verify-tree.ts';

type VerifyValue = Verification & Trust['found'] & {dependencies?: DependencyFacts};

export default class Verify extends StepCommand {
  static override summary =
    'Compare every byte of an archive with its manifest, and its signature or provenance with a key.';
  static override description =
    'Exits 1 when something differs, and with --key also when it is not signed with that key: the archive, or with --provenance that statement.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz',
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz --key build.key.pub',
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz --key build.key.pub --provenance app-1.0.0.tgz.intoto.json',
  ];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };
  static override flags = {
    key: Flags.string({summary: 'File of the ed25519 public key (PEM) that is trusted.', helpValue: 'FILE'}),
    signature: Flags.string({
      summary: 'Default: ARCHIVE.sig, unless --provenance is given.',
      helpValue: 'FILE',
      dependsOn: ['key'],
    }),
    provenance: Flags.string({
      summary: 'The signed statement of who built it from what, as `provenance --key` writes it.',
      helpValue: 'FILE',
      dependsOn: ['key'],
    }),
  };

  override async run(): Promise<VerifyValue> {
    const {args, flags} = await this.parse(Verify);
    const [{resolveArchive}, {trustLines}, {verifyArchive}, {verifyTrust}] = await Promise.all([
      import('../open-archive.ts'),
      import('./trust-lines.ts'),
      import('../verify-tree.ts'),
      import('../signature/verify-trust.ts'),
    ]);
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const trust = await verifyTrust(archive, {...flags, signal: this.signal});
    const verification = await verifyArchive(archive, this.step);
    for (const {path, because} of verification.problems) this.print(`${path} ${because}`);
    if (verification.problems.length === 0)
      this.print(`${archive.path} is what it says: ${verification.digest}`);
    const {dependencies} = archive.manifest;
    if (dependencies !== undefined) for (const line of trustLines(dependencies)) this.print(line);
    for (const line of trust.lines) this.print(line);
    if (verification.problems.length > 0 || !trust.valid) process.exitCode = 1;
    return {...verification, ...trust.found, ...(dependencies && {dependencies})};
  }
}
