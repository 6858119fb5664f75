import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {Publication, Publications, PublishEvent} from './publication.ts';

export default class Publish extends StepCommand {
  static override summary = 'Publish an archive or a source to git remotes, stores, machines and files.';
  static override description = `ARCHIVE is one that keelson build wrote, or any source (a folder, a tarball's path or URL, a git URL with #ref), which goes out as it is:
building is keelson build's. Several destinations get the same. KEELSON_TOKEN holds the password for https, KEELSON_SOURCE_TOKEN that for an ARCHIVE from the web.

A DESTINATION is a git remote (https://, git+ssh://, user@host:path, a path ending in .git; #branch, default main), a store or receiver by HTTP PUT
(https://host/app.tgz, or any URL after put+), a receiver by ssh (ssh://host/app), a machine (sftp:// or scp://host/path), or a file.
A / at the end stands for a folder.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> app-1.0.0.tgz https://host/app.git#live',
    'keelson build . --json | <%= config.bin %> <%= command.id %> - https://store/apps/ git@host:app.git --json',
    '<%= config.bin %> <%= command.id %> https://store/app-1.0.0.tgz scp://me@host/srv/app.tgz --then "keelson deploy /srv/app.tgz"',
  ];
  static override strict = false;
  static override args = {
    archive: Args.string({
      description: 'An archive or a source, or - for the JSON value of keelson build or keelson publish.',
      required: true,
    }),
    destination: Args.string({description: 'Where to; more may follow.', required: true}),
  };
  static override flags = {
    'token-file': Flags.string({summary: 'File with the password for https.', helpValue: 'FILE'}),
    // oxlint-disable-next-line unicorn/no-thenable -- the name of a flag, never awaited
    then: Flags.string({
      summary: 'Run this on the machine when the file is there (sftp, scp).',
      helpValue: 'COMMAND',
    }),
    tries: Flags.integer({summary: 'How often something temporary is tried.', default: 4, min: 1, max: 100}),
  };

  override async run(): Promise<Publication | Publications> {
    const {args, argv, flags} = await this.parse(Publish);
    const {runPublish} = await import('./run-publish.ts');
    const input = await this.readValue(args.archive);
    const {value, text, exitCode} = await runPublish(input, argv.slice(1).map(String), {
      ...this.step,
      variables: process.env,
      tokenFile: flags['token-file'],
      thenRun: flags.then,
      tries: flags.tries,
    });
    for (const line of text) this.print(line);
    if (exitCode !== 0) process.exitCode = exitCode;
    return value;
  }

  protected override describe(event: PublishEvent): string | undefined {
    if (event.type === 'publisher:remote') return `remote: ${event.line}`;
    if (event.type === 'publisher:sent') return `sending ${event.done} of ${event.total} bytes`;
    if (event.type === 'publisher:failed') return `${event.because}; trying again in ${event.pauseMs} ms`;
    return super.describe(event);
  }
}
