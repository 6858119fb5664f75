import {Flags} from '@keelson/cli-kit';

import type {Format} from './formats/table.ts';

/** The formats' names, known to a command line without loading a format; a test holds them to the table. */
export const FORMATS_OF_FLAGS = [
  'systemd',
  'runit',
  's6',
  'daemontools',
  'supervisord',
  'launchd',
  'upstart',
  'upstart-single',
  'inittab',
  'smf',
  'openrc',
  'sysv',
  'pm2',
  'compose',
  'kubernetes',
  'nomad',
  'quadlet',
  'rc.d',
  'monit',
  'winsw',
  'json',
] as const satisfies readonly Format[];

export const formatFlag = () =>
  Flags.option({options: FORMATS_OF_FLAGS, default: 'systemd', summary: 'The process manager.'})();

export const formatsFlag = () =>
  Flags.option({
    options: FORMATS_OF_FLAGS,
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    summary: 'Only these.',
  })();
