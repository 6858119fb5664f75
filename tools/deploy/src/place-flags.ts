import {Flags} from '@keelson/cli-kit';

/** Which app, and who runs it. */
export const placeFlags = {
  root: Flags.string({
    summary: 'Deploy root of the app, or a server’s root with --app.',
    helpValue: 'DIR',
    required: true,
  }),
  app: Flags.string({summary: 'Name of the app; default the folder’s.', helpValue: 'NAME'}),
  runtime: Flags.string({
    summary: 'Who runs it; default the server of this root where one runs, else systemd.',
    options: ['server', 'systemd'],
    helpValue: 'server|systemd',
  }),
};

/** Of `services`. */
export const adaptFlag = Flags.boolean({summary: 'With the machine shared out anew, as it is now.'});

/** How a deploy by systemd goes; a server has its own. */
export const hereFlags = {
  user: Flags.string({summary: 'Who the app runs as, when root deploys it.', helpValue: 'USER'}),
  group: Flags.string({summary: 'Group of the units, when root deploys it.', helpValue: 'GROUP'}),
  'listen-addr': Flags.string({summary: 'Address that the app answers on.', helpValue: 'HOST'}),
  port: Flags.integer({summary: 'First port of the app.', helpValue: 'N', min: 1, max: 65_535}),
  bake: Flags.integer({
    summary: 'Seconds in which a failing version is switched back.',
    helpValue: 'S',
    min: 0,
  }),
  keep: Flags.integer({summary: 'Releases kept for a rollback.', helpValue: 'N', min: 1}),
  wait: Flags.integer({summary: 'Seconds to wait for another deploy.', helpValue: 'S', min: 0}),
  'limit-memory': Flags.string({summary: 'Memory to share out.', helpValue: '512M'}),
  'limit-cpus': Flags.string({summary: 'CPUs to share out.', helpValue: '1.5'}),
  'runtime-dir': Flags.string({
    summary: 'Where its sockets lie; runtime in the root leads there.',
    helpValue: 'DIR',
  }),
  'tmp-dir': Flags.string({summary: 'TMPDIR of its processes.', helpValue: 'DIR'}),
  'allow-root': Flags.boolean({summary: 'Run the app as root when this runs as root.'}),
};
