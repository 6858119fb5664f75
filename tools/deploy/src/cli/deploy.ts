import {Args, StepCommand} from '@keelson/cli-kit';
import type {Deployment, DeployEvent} from '@keelson/deployer';
import {fromFlags, originFlags} from '../origin-flags.ts';
import {hereFlags, placeFlags} from '../place-flags.ts';
import type {Unchanged} from '../origin/deploy-newest.ts';
import type {Followed} from '../origin/follow.ts';

export default class Deploy extends StepCommand {
  static override summary =
    'Deploy an archive, a tag, a branch or a package behind a health gate; until then the old one serves.';
  static override description = `Who runs the app: the server of this root (keelson deploy serve) where one runs, else systemd: then the app becomes units of its own,
keelson-APP.service and a socket for each port. A version that does not get healthy is refused, and the old one never stops to serve.
What --tag, --ref or --package lead to is left alone, and that is no failure, when it is current already with the newest configuration:
--redeploy deploys it again. --follow [SECONDS] looks again and again. Archives are always deployed.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> ./shop-1.2.0.tgz --root /srv/keelson/shop',
    'keelson build . --json | <%= config.bin %> <%= command.id %> - --root /srv/keelson --app shop',
    "<%= config.bin %> <%= command.id %> --tag 'v1.*' --repo https://git.example/shop.git --root /srv/keelson/shop",
    '<%= config.bin %> <%= command.id %> --ref main --repo ../shop --follow 30 --root /srv/keelson/shop',
    "<%= config.bin %> <%= command.id %> --package 'shop-1.*' --repo https://registry.npmjs.org --root /srv/keelson/shop",
  ];
  static override args = {
    archive: Args.string({description: 'An archive, a package, or - for the value of keelson build.'}),
  };
  static override flags = {...originFlags, ...placeFlags, ...hereFlags};
  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<Deployment | Unchanged | Followed> {
    const {args, flags} = await this.parse(Deploy);
    const from = fromFlags(args.archive, flags);
    const {deployFrom} = await import('../deploy-from.ts');
    const [{hereOf}, {deployLine}] = await Promise.all([
      import('../here-of.ts'),
      import('../deploy-line.ts'),
    ]);
    this.#line = deployLine;
    const {redeploy, workspace} = flags;
    const done = await deployFrom(from, flags, {
      step: this.step,
      here: hereOf(flags, process.env),
      redeploy,
      workspace,
      readValue: (word) => this.readValue(word),
      onLine: (line) => this.step.onEvent({type: 'deploy:line', line} as {type: string}),
      print: (line) => this.print(line),
    });
    if (done.kind === 'deployment' && done.result === 'refused') process.exitCode = 1;
    return done;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    if (event.type === 'deploy:line') return (event as {line?: string}).line;
    return this.#line?.(event as DeployEvent);
  }
}
