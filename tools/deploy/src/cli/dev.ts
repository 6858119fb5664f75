import {existsSync} from 'node:fs';
import {Args, Flags, StepCommand, UsageError} from '@keelson/cli-kit';
import type {DeployEvent} from '@keelson/deployer';
import type {DevEnded} from '../dev/run-dev.ts';
import {hereFlags} from '../place-flags.ts';

const {port, 'listen-addr': listenAddr, 'limit-memory': memory, 'limit-cpus': cpus} = hereFlags;

export default class Dev extends StepCommand {
  static override summary =
    'Run the working copy as production would, again after each change, until Ctrl-C; nothing is left.';
  static override description =
    'It is built and deployed into a folder that is gone afterwards: its share of the machine, sockets, checks and migrations are those of a deploy.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> ../shop --env .env --port 3000',
  ];
  static override enableJsonFlag = false;
  static override args = {dir: Args.string({description: 'Its folder.', default: '.'})};
  static override flags = {
    env: Flags.string({summary: 'A .env file for its configuration.', helpValue: 'FILE'}),
    port,
    'listen-addr': listenAddr,
    'limit-memory': memory,
    'limit-cpus': cpus,
  };
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<DevEnded> {
    const {args, flags} = await this.parse(Dev);
    if (!existsSync(args.dir)) throw new UsageError(`there is no folder ${args.dir}`);
    if (flags.env !== undefined && !existsSync(flags.env))
      throw new UsageError(`there is no file ${flags.env}`);
    const [{runDev}, {hereOf}, {deployLine, resultLines}] = await Promise.all([
      import('../dev/run-dev.ts'),
      import('../here-of.ts'),
      import('../deploy-line.ts'),
    ]);
    this.#line = deployLine;
    return runDev(args.dir, {
      ...this.step,
      here: hereOf(flags, process.env),
      env: flags.env,
      onLine: (line) => this.logToStderr(line),
      onDeployment: (deployment) => resultLines('dev', deployment).forEach((line) => this.logToStderr(line)),
    });
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
