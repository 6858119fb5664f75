import {Args, type CommandClass, StepCommand, UsageError} from '@keelson/cli-kit';
import type {Format} from '@keelson/exporter';

import type {AppExport} from '../export-app.ts';
import {exportFlags} from '../export-flags.ts';

/** sudo(8) says whose command line it was. */
function exporter(): {program: string | undefined; caller: number | undefined} {
  const uid = process.env['SUDO_UID'];
  return {program: process.argv[1], caller: uid === undefined ? undefined : Number(uid)};
}

/** The command of a format; every format has the same flags. */
export function exportCommand(format: Format): CommandClass {
  return class ExportCommand extends StepCommand {
    static override summary = `Write ${format} files that run the processes of an app.`;
    static override examples = [
      '<%= config.bin %> <%= command.id %> /srv/shop/current --install --user shop',
      '<%= config.bin %> <%= command.id %> --out ./units --formation web=2,worker=1 --dry-run',
      '<%= config.bin %> <%= command.id %> --uninstall --app shop',
    ];
    static override args = {
      dir: Args.string({
        default: '.',
        description: 'The app: a directory with a Procfile, or a link to one.',
      }),
    };
    static override flags = exportFlags();

    override async run(): Promise<AppExport> {
      const {args, flags} = await this.parse(ExportCommand);
      const {out, install, uninstall, app, root, scope} = flags;
      if (out === undefined && root === undefined && !install && !uninstall && !flags['dry-run'])
        throw new UsageError(
          '--out is missing',
          'Say where with --out DIR, or --install to install for good.',
        );
      const [{asUsageError}, {exportApp}, {shownLines}, {logicalDir}, {toExportOptions}] = await Promise.all([
        import('../as-usage-error.ts'),
        import('../export-app.ts'),
        import('../shown-lines.ts'),
        import('../logical-dir.ts'),
        import('../to-export-options.ts'),
      ]);
      const dir = logicalDir(args.dir, process.cwd(), process.env['PWD']);
      const gone = {app, root, scope, unitDir: flags['unit-dir'], dryRun: flags['dry-run']};
      const doing = uninstall
        ? (await import('../uninstall-app.ts')).uninstallApp(dir, {...gone, ...this.step, format})
        : exportApp(dir, {...toExportOptions(flags, exporter()), ...this.step, format});
      const done = await doing.catch((error: unknown) => Promise.reject(asUsageError(error, flags)));
      for (const line of await shownLines(done)) this.print(line);
      if (!done.applied && !done.unchanging) this.pendingChanges();
      return done;
    }

    protected override describe(event: {readonly type: string; readonly line?: string}): string | undefined {
      return event.line; // what was written is said by the plan that is printed
    }
  };
}
