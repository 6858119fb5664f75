import {Flags, StepCommand} from '@keelson/cli-kit';
import type {Deployment, DeployEvent} from '@keelson/deployer';
import {appArgument, rootFlag} from '../server-flags.ts';

export default class Rollback extends StepCommand {
  static override summary =
    'Go back to the previous good release, or to the one that is named, without losing a request.';
  static override examples = ['<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson --to 3'];
  static override args = {app: appArgument()};
  static override flags = {
    root: rootFlag(),
    to: Flags.integer({summary: 'Number of the release.', helpValue: 'N', min: 1}),
  };
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<Deployment> {
    const {args, flags} = await this.parse(Rollback);
    const {askServer} = await import('../ask-server.ts');
    this.#line = (await import('../deploy-line.ts')).deployLine;
    const path = `/apps/${encodeURIComponent(args.app)}/rollback${flags.to === undefined ? '' : `?release=${flags.to}`}`;
    const deployment = await askServer<Deployment>(flags.root, {method: 'POST', path}, this.step);
    const {release, result, because} = deployment;
    this.print(
      `${args.app}: ${result}: release ${release.number} (${release.version})${because ? `: ${because}` : ''}`,
    );
    if (result === 'refused') process.exitCode = 1;
    return deployment;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
