import {Args, StepCommand} from '@keelson/cli-kit';
import {adaptFlag, hereFlags, placeFlags} from '../../place-flags.ts';
import type {ServiceRan} from '../../services/exec-instance.ts';

export default class Exec extends StepCommand {
  static override summary =
    'Run an instance in the foreground, with exactly the environment that it has as a service.';
  static override description =
    'It binds its port itself: stop the one that runs first, or take a process type without a port. Its exit code is ours.';
  static override examples = ['<%= config.bin %> <%= command.id %> worker 1 --root /srv/keelson/shop'];
  static override enableJsonFlag = false;
  static override args = {
    name: Args.string({description: 'Process type, as in web.', required: true}),
    instance: Args.string({description: 'Its number, as in web.1.', required: true}),
  };
  static override flags = {...placeFlags, ...hereFlags, adapt: adaptFlag};

  override async run(): Promise<ServiceRan> {
    const {args, flags} = await this.parse(Exec);
    const [{deployPlace}, {hereOf}, {execInstance}, {instanceNumber}] = await Promise.all([
      import('../../deploy-place.ts'),
      import('../../here-of.ts'),
      import('../../services/exec-instance.ts'),
      import('../../services/instance-number.ts'),
    ]);
    const way = {step: this.step, here: hereOf(flags, process.env), adapt: flags.adapt};
    const wanted = {name: args.name, instance: instanceNumber(args.instance)};
    const ran = await execInstance(wanted, await deployPlace(flags), way);
    process.exitCode = ran.exitCode;
    return ran;
  }
}
