import {Args, StepCommand} from '@keelson/cli-kit';

import type {AppExport} from '../export-app.ts';
import {exportFlags, toExportOptions} from '../export-flags.ts';

export default class ExportSystemd extends StepCommand {
  static override summary = 'Write systemd units that run the processes of an app.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> /srv/shop/current --out /etc/systemd/system --user shop',
    '<%= config.bin %> <%= command.id %> --out ./units --formation web=2,worker=1 --dry-run',
  ];
  static override args = {
    dir: Args.string({default: '.', description: 'The app: a directory with a Procfile, or a link to one.'}),
  };
  static override flags = exportFlags;

  override async run(): Promise<AppExport> {
    const {args, flags} = await this.parse(ExportSystemd);
    const [{exportApp}, {planLines}, {logicalDir}] = await Promise.all([
      import('../export-app.ts'),
      import('@keelson/exporter'),
      import('../logical-dir.ts'),
    ]);
    const dir = logicalDir(args.dir, process.cwd(), process.env['PWD']);
    const done = await exportApp(dir, {...toExportOptions(flags), ...this.step, format: 'systemd'});
    for (const line of planLines(done)) this.print(line);
    if (!done.applied && done.changes.length > 0) this.pendingChanges();
    return done;
  }

  /** The plan that is printed says what was written. */
  protected override describe(event: {readonly type: string; readonly line?: string}): string | undefined {
    return event.line;
  }
}
