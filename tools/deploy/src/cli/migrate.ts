import {Flags, StepCommand} from '@keelson/cli-kit';
import type {ActionResult, DeployEvent} from '@keelson/deployer';
import {rootFlag} from '../server-flags.ts';

export default class Migrate extends StepCommand {
  static override summary =
    'Run the migrations of the release that is current which were not run here, then its action migrate.';
  static override description =
    'Each deploy does so by itself. This is for after a database was restored or made anew: it takes no process out of service.';
  static override examples = ['<%= config.bin %> <%= command.id %> --root /srv/keelson/shop'];
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<ActionResult> {
    const {flags} = await this.parse(Migrate);
    this.#line = (await import('../deploy-line.ts')).deployLine;
    const {migrateCurrent} = await import('@keelson/deployer');
    const {currentTarget} = await import('../current-target.ts');
    const result = await migrateCurrent(currentTarget(flags, process.env), this.step);
    if (result.result === 'failed') {
      for (const line of result.output ?? []) this.logToStderr(`  | ${line}`);
      this.logToStderr(`migrate failed: ${result.because}`);
      process.exitCode = 1;
    } else this.print(`release ${result.release}: migrated`);
    return result;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
