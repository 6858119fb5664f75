import {Args, Flags, StepCommand} from '@keelson/cli-kit';
import type {ActionResult, DeployEvent} from '@keelson/deployer';
import {rootFlag} from '../server-flags.ts';

export default class Action extends StepCommand {
  static override summary = 'Run an action of the release that is current, with its configuration.';
  static override description =
    'Words after the name are $1, $2 … of its lines. Actions are defined in keelson.deploy.json of the app, or by deploy set action.';
  static override examples = ['<%= config.bin %> <%= command.id %> reindex --root /srv/keelson/shop'];
  static override strict = false;
  static override args = {
    action: Args.string({description: 'Its name; then its arguments.', required: true}),
  };
  static override flags = {
    root: rootFlag(),
    app: Flags.string({summary: 'Name of the app, where --root is a server’s.', helpValue: 'NAME'}),
  };
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<ActionResult> {
    const {argv, flags} = await this.parse(Action);
    const {runAction} = await import('@keelson/deployer');
    const {currentTarget} = await import('../current-target.ts');
    this.#line = (await import('../deploy-line.ts')).deployLine;
    const [name = '', ...args] = argv as string[];
    const result = await runAction(name, currentTarget(flags, process.env), {...this.step, args});
    if (result.result === 'failed') {
      for (const line of result.output ?? []) this.logToStderr(`  | ${line}`);
      this.logToStderr(`${name} failed: ${result.because}`);
      process.exitCode = 1;
    }
    return result;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
