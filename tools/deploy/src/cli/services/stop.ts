import {StepCommand} from '@keelson/cli-kit';
import {hereFlags, placeFlags} from '../../place-flags.ts';
import type {ServicesChanged} from '../../services/change-services.ts';

export default class Stop extends StepCommand {
  static override summary =
    'Stop an app: its processes finish what they began, and nobody starts them again.';
  static override description =
    'Until services reload, the next deploy, or a restart of the server or the machine. One type alone: set formation TYPE=0, and deploy.';
  static override examples = ['<%= config.bin %> <%= command.id %> --root /srv/keelson/shop'];
  static override flags = {...placeFlags, ...hereFlags};

  override async run(): Promise<ServicesChanged> {
    const {flags} = await this.parse(Stop);
    const [{deployPlace}, {hereOf}, {stopServices}] = await Promise.all([
      import('../../deploy-place.ts'),
      import('../../here-of.ts'),
      import('../../services/change-services.ts'),
    ]);
    const way = {step: this.step, here: hereOf(flags, process.env)};
    const changed = await stopServices(await deployPlace(flags), way);
    this.print(`${changed.app}: release ${changed.release} stopped`);
    return changed;
  }
}
