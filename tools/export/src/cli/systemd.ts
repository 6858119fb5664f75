import {Args, dryRunFlag, envFlag, Flags, formationFlag, portFlag, StepCommand} from '@keelson/cli-kit';

import type {AppExport} from '../export-app.ts';

export default class ExportSystemd extends StepCommand {
  static override summary = 'Write systemd units that run the processes of an app.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> /srv/shop/current --out /etc/systemd/system --user shop',
    '<%= config.bin %> <%= command.id %> --out ./units --formation web=2,worker=1 --dry-run',
  ];
  static override args = {
    dir: Args.string({default: '.', description: 'The app: a directory with a Procfile, or a link to one.'}),
  };
  static override flags = {
    out: Flags.string({
      char: 'o',
      required: true,
      summary: 'Directory to write the units to.',
      helpValue: 'DIR',
    }),
    app: Flags.string({summary: 'Name of the units; default: the name of the package.', helpValue: 'NAME'}),
    user: Flags.string({summary: 'Account of the processes; default: the owner of DIR.', helpValue: 'USER'}),
    group: Flags.string({summary: 'Group of the processes.', helpValue: 'GROUP', dependsOn: ['user']}),
    formation: formationFlag(),
    env: envFlag(),
    port: portFlag({summary: 'Port of the first process; default 5000.'}),
    limits: Flags.boolean({summary: "Share this machine's memory out over the processes."}),
    memory: Flags.string({summary: 'Share this much memory out.', helpValue: '512M'}),
    cpus: Flags.string({summary: 'Share this many CPUs out.', helpValue: 'N'}),
    'unit-dir': Flags.string({
      summary: 'Where the units will lie in the end; default: --out.',
      helpValue: 'DIR',
    }),
    verify: Flags.boolean({
      summary: "Ask the manager's own checker first; --no-verify: don't.",
      default: true,
      allowNo: true,
    }),
    'dry-run': dryRunFlag(),
  };

  override async run(): Promise<AppExport> {
    const {args, flags} = await this.parse(ExportSystemd);
    const [{exportApp}, {planLines}, {logicalDir}, {toExportOptions}] = await Promise.all([
      import('../export-app.ts'),
      import('@keelson/exporter'),
      import('../logical-dir.ts'),
      import('../to-export-options.ts'),
    ]);
    const dir = logicalDir(args.dir, process.cwd(), process.env['PWD']);
    const done = await exportApp(dir, {...toExportOptions(flags), ...this.step, format: 'systemd'});
    for (const line of planLines(done)) this.print(line);
    if (!done.applied && done.changes.length > 0) this.pendingChanges();
    return done;
  }

  protected override describe(event: {readonly type: string; readonly line?: string}): string | undefined {
    return event.line; // what was written is said by the plan that is printed
  }
}
