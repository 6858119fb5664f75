import {Flags} from '@keelson/cli-kit';
import {hereFlags, placeFlags} from './place-flags.ts';

/** Of every command that changes the configuration. */
export const configFlags = {
  ...placeFlags,
  ...hereFlags,
  roll: Flags.boolean({
    summary: 'Bring the release that runs into service with it, behind the gate.',
    default: true,
    allowNo: true,
  }),
};
