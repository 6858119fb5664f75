import {StepCommand} from '@keelson/cli-kit';
import {adaptFlag, hereFlags, placeFlags} from '../../place-flags.ts';
import type {Services} from '../../services/list-services.ts';

export default class List extends StepCommand {
  static override summary =
    'List the instances of an app: name, instance, socket type, address; of internal ones the first two.';
  static override examples = ['<%= config.bin %> <%= command.id %> --root /srv/keelson/shop'];
  static override flags = {...placeFlags, ...hereFlags, adapt: adaptFlag};

  override async run(): Promise<Services> {
    const {flags} = await this.parse(List);
    const [{deployPlace}, {hereOf}, {listServices, serviceLine}] = await Promise.all([
      import('../../deploy-place.ts'),
      import('../../here-of.ts'),
      import('../../services/list-services.ts'),
    ]);
    const way = {step: this.step, here: hereOf(flags, process.env), adapt: flags.adapt};
    const services = await listServices(await deployPlace(flags), way);
    for (const service of services.services) this.print(serviceLine(service));
    return services;
  }
}
