import {Args, StepCommand, UsageError} from '@keelson/cli-kit';
import type {DeployEvent} from '@keelson/deployer';
import {adaptFlag, hereFlags, placeFlags} from '../../place-flags.ts';
import type {ServicesChanged} from '../../services/change-services.ts';

export default class Reload extends StepCommand {
  static override summary =
    'Replace the processes of an app without losing a request; start it when it is stopped.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --root /srv/keelson/shop',
    '<%= config.bin %> <%= command.id %> web 1 --root /srv/keelson/shop',
  ];
  static override args = {
    name: Args.string({description: 'Process type; default all.'}),
    instance: Args.string({description: 'Its number; default all of the type.'}),
  };
  static override flags = {...placeFlags, ...hereFlags, adapt: adaptFlag};

  #line: ((event: DeployEvent) => string | undefined) | undefined;

  override async run(): Promise<ServicesChanged> {
    const {args, flags} = await this.parse(Reload);
    const [{deployPlace}, {hereOf}, {adaptServices, reloadServices}, {instanceNumber}] = await Promise.all([
      import('../../deploy-place.ts'),
      import('../../here-of.ts'),
      import('../../services/change-services.ts'),
      import('../../services/instance-number.ts'),
    ]);
    this.#line = (await import('../../deploy-line.ts')).deployLine;
    const {name, instance} = args;
    if (name !== undefined && !/^[\w-]+$/.test(name))
      throw new UsageError(`${JSON.stringify(name)} is no process type`);
    const target = instance === undefined ? name : `${name}.${instanceNumber(instance)}`;
    const way = {step: this.step, here: hereOf(flags, process.env)};
    if (flags.adapt && target !== undefined) throw new UsageError('--adapt is for all of an app');
    const place = await deployPlace(flags);
    const changed = flags.adapt ? await adaptServices(place, way) : await reloadServices(place, target, way);
    const {app, release, result, because, output = []} = changed;
    for (const line of output) this.print(`  | ${line}`);
    this.print(`${app}: release ${release}: ${result}${because === undefined ? '' : `: ${because}`}`);
    if (result === 'not-ready') process.exitCode = 1;
    return changed;
  }

  protected override describe(event: {readonly type: string}): string | undefined {
    return this.#line?.(event as DeployEvent);
  }
}
