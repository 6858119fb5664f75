import {Flags} from '@keelson/cli-kit';

/** What the deploys of a server may do. */
export const policyFlags = {
  bake: Flags.integer({
    summary: 'Seconds in which a failing version is switched back.',
    helpValue: 'S',
    min: 0,
  }),
  keep: Flags.integer({summary: 'Releases kept for a rollback.', helpValue: 'N', min: 1}),
  'config-every': Flags.integer({
    summary: 'Seconds between two questions to the configuration server of an app.',
    helpValue: 'S',
    default: 30,
    min: 1,
  }),
  'allow-root': Flags.boolean({summary: 'Run apps as root when this runs as root.'}),
};
