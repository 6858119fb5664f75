import {Args, Flags, outFlag, StepCommand} from '@keelson/cli-kit';
import type {Provenance} from '../signature/provenance.ts';

export default class ProvenanceCommand extends StepCommand {
  static override summary =
    'Write who built an archive from what, as an in-toto statement (SLSA 1.0): ARCHIVE.intoto.json.';
  static override description =
    'Every byte is verified first. With --key it is a signed DSSE envelope. The same archive and key give the same file.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz',
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz --key build.key',
  ];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };
  static override flags = {
    key: Flags.string({summary: 'File of an ed25519 private key (PEM) that signs it.', helpValue: 'FILE'}),
    out: outFlag('The statement. Default: ARCHIVE.intoto.json.'),
  };

  override async run(): Promise<Provenance> {
    const {args, flags} = await this.parse(ProvenanceCommand);
    const [{resolveArchive}, {writeProvenance}] = await Promise.all([
      import('../open-archive.ts'),
      import('../signature/provenance.ts'),
    ]);
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const options = {key: flags.key, to: flags.out, signal: this.signal};
    const provenance = await writeProvenance(archive, options);
    this.print(provenance.path);
    return provenance;
  }
}
