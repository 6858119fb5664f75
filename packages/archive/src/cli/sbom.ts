import {Args, StepCommand} from '@keelson/cli-kit';
import type {BillOfMaterials} from '../bill-of-materials.ts';

export default class Sbom extends StepCommand {
  static override summary = 'Print what an archive is made of, as a CycloneDX document.';
  static override description = 'The same archive gives the same document.';
  static override examples = ['<%= config.bin %> <%= command.id %> app-1.0.0.tgz > app-1.0.0.cdx.json'];
  static override args = {
    archive: Args.string({
      description: 'A tarball, a folder with keelson.json, or - for the JSON value of an archive.',
      required: true,
    }),
  };

  override async run(): Promise<BillOfMaterials> {
    const {args} = await this.parse(Sbom);
    const [{resolveArchive}, {billOfMaterials}] = await Promise.all([
      import('../open-archive.ts'),
      import('../bill-of-materials.ts'),
    ]);
    const archive = await resolveArchive(await this.readValue(args.archive), this.step);
    const bill = await billOfMaterials(archive, {signal: this.signal});
    this.print(JSON.stringify(bill, null, 2));
    return bill;
  }
}
