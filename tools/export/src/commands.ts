import type {CommandFile, CommandTable} from '@keelson/cli-kit';
import type {Format} from '@keelson/exporter';

export const summary = 'Write unit files for a process manager that run the processes of an app.';

// By name alone: a test holds these to the exporter's formats, which are not loaded for a list of commands.
const of = (format: string) => async (): Promise<CommandFile> => ({
  default: (await import('./cli/export-command.ts')).exportCommand(format as Format),
});

export const commands = {
  eject: () => import('./cli/eject.ts'),
  systemd: of('systemd'),
  runit: of('runit'),
  s6: of('s6'),
  daemontools: of('daemontools'),
  supervisord: of('supervisord'),
  launchd: of('launchd'),
  upstart: of('upstart'),
  'upstart-single': of('upstart-single'),
  inittab: of('inittab'),
  smf: of('smf'),
  openrc: of('openrc'),
  sysv: of('sysv'),
  pm2: of('pm2'),
  compose: of('compose'),
  kubernetes: of('kubernetes'),
  nomad: of('nomad'),
  quadlet: of('quadlet'),
  'rc.d': of('rc.d'),
  monit: of('monit'),
  winsw: of('winsw'),
  json: of('json'),
} satisfies CommandTable;
