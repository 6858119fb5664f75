import {Args, StepCommand} from '@keelson/cli-kit';
import type {Deployment, DeployEvent} from '@keelson/deployer';
import {hereFlags, placeFlags} from '../place-flags.ts';

export default class Deploy extends StepCommand {
  static override summary =
    'Deploy an archive of this machine, behind a health gate; the old version serves until then.';
  static override description = `Who runs the app: the server of this root (keelson deploy serve) where one runs, else systemd: then the app becomes units of its own,
keelson-APP.service and a socket for each port. A version that does not get healthy is refused, and the old one never stops to serve.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop-1.2.0.tgz --root /srv/keelson/shop',
    'keelson build . --json | <%= config.bin %> <%= command.id %> - --root /srv/keelson --app shop',
  ];
  static override args = {
    archive: Args.string({
      description: 'An archive, a package, or - for the value of keelson build.',
      required: true,
    }),
  };
  static override flags = {...placeFlags, ...hereFlags};
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<Deployment> {
    const {args, flags} = await this.parse(Deploy);
    const [{openApp}, {deployPlace}, {deployArchive}, {hereOf}, {deployLine, resultLines}] =
      await Promise.all([
        import('@keelson/preparer'),
        import('../deploy-place.ts'),
        import('../deploy-archive.ts'),
        import('../here-of.ts'),
        import('../deploy-line.ts'),
      ]);
    this.#line = deployLine;
    const app = await openApp(await this.readValue(args.archive), {signal: this.signal});
    const place = await deployPlace(flags);
    const deployment = await deployArchive(app, place, {step: this.step, here: hereOf(flags, process.env)});
    for (const line of resultLines(place.app, deployment)) this.print(line);
    if (deployment.result === 'refused') process.exitCode = 1;
    return deployment;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
