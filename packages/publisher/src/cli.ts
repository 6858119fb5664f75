import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {Publication, PublishEvent} from './publish.ts';

export default class Publish extends StepCommand {
  static override summary = 'Publish an archive to a git remote or a file.';
  static override description = `A git DESTINATION is https://, ssh://, user@host:path, file:// or a path ending in .git, with #branch (default main).
Any other path is the file that the archive is copied to. KEELSON_TOKEN holds the password for https.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz https://host/app.git',
    'keelson build . --json | <%= config.bin %> <%= command.id %> - git@host:app.git#live --json',
  ];
  static override args = {
    archive: Args.string({
      description: 'An archive, or - for the JSON value of keelson build.',
      required: true,
    }),
    destination: Args.string({description: 'Where to.', required: true}),
  };
  static override flags = {
    'token-file': Flags.string({summary: 'File with the password for https.', helpValue: 'FILE'}),
  };

  override async run(): Promise<Publication> {
    const {args, flags} = await this.parse(Publish);
    const {parseDestination, printable} = await import('./destination.ts');
    const {publish} = await import('./publish.ts');
    const {resolveArchive} = await import('@keelson/archive');
    const {readFile} = await import('node:fs/promises');
    const to = parseDestination(args.destination);
    const archive = await resolveArchive(await this.readValue(args.archive), {signal: this.signal});
    const file = flags['token-file'];
    const token = file === undefined ? process.env['KEELSON_TOKEN'] : (await readFile(file, 'utf8')).trim();
    const epoch = process.env['SOURCE_DATE_EPOCH'];
    const date = /^\d{1,12}$/.test(epoch ?? '') ? new Date(Number(epoch) * 1000) : undefined;
    const publication = await publish(archive, to, {...this.step, token: token || undefined, date});
    const shown = printable(to);
    const where = shown.kind === 'git' ? `${shown.url}#${shown.branch}` : shown.path;
    this.print(`${publication.result}: ${archive.manifest.name} ${archive.manifest.version} → ${where}`);
    if (publication.result === 'refused') process.exitCode = 1;
    return publication;
  }

  protected override describe(event: PublishEvent): string | undefined {
    return event.type === 'publisher:remote' ? `remote: ${event.line}` : super.describe(event);
  }
}
