import {Flags, StepCommand, UsageError} from '@keelson/cli-kit';
import type {Deployment, DeployEvent} from '@keelson/deployer';
import {hereFlags, placeFlags} from '../place-flags.ts';
import {appWord} from '../server-flags.ts';

export default class Rollback extends StepCommand {
  static override summary =
    'Go back to the previous good release, or to the one that is named, without losing a request.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> guestbook --root /srv/keelson',
    '<%= config.bin %> <%= command.id %> 3 --root /srv/keelson/guestbook',
  ];
  static override strict = false;
  static override args = {app: appWord('; then the number of a release')};
  static override flags = {
    ...placeFlags,
    ...hereFlags,
    to: Flags.integer({summary: 'Number of the release.', helpValue: 'N', min: 1}),
    force: Flags.boolean({summary: 'Also across a migration that the release cannot live with.'}),
  };
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<Deployment> {
    const {argv, flags} = await this.parse(Rollback);
    const [{splitApp}, {deployPlace}, {rollBack}, {hereOf}, {deployLine, resultLines}, {releaseNumber}] =
      await Promise.all([
        import('../app-releases.ts'),
        import('../deploy-place.ts'),
        import('../deploy-archive.ts'),
        import('../here-of.ts'),
        import('../deploy-line.ts'),
        import('../release-number.ts'),
      ]);
    this.#line = deployLine;
    const {app = flags.app, rest} = splitApp(argv as string[], flags.root);
    if (rest.length > 1) throw new UsageError('rollback takes one release');
    const release = rest[0] === undefined ? flags.to : releaseNumber(rest[0]);
    const place = await deployPlace({...flags, app});
    const way = {step: this.step, here: hereOf(flags, process.env)};
    const deployment = await rollBack(place, {release, force: flags.force}, way);
    for (const line of resultLines(place.app, deployment)) this.print(line);
    if (deployment.result === 'refused') process.exitCode = 1;
    return deployment;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
