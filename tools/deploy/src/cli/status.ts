import {Flags, StepCommand} from '@keelson/cli-kit';
import type {ServerStatus} from '../control-server.ts';
import {appWord, rootFlag} from '../server-flags.ts';
import type {AppStatus} from '../status-of.ts';

export default class Status extends StepCommand {
  static override summary = 'Show what is current and what runs: of all apps of a server, or of one app.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> shop --root /srv/keelson',
  ];
  static override args = {app: appWord()};
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };

  override async run(): Promise<ServerStatus | AppStatus> {
    const {args, flags} = await this.parse(Status);
    const [{statusOf}, {statusLines}] = await Promise.all([
      import('../status-of.ts'),
      import('../status-lines.ts'),
    ]);
    const status = await statusOf({root: flags.root, app: args.app ?? flags.app, signal: this.signal});
    for (const line of statusLines(status)) this.print(line);
    return status;
  }
}
