import type {UnitFormat} from './unit-format.ts';

/** A new format is one file, its templates and one row. */
export const FORMATS = {
  systemd: () => import('./systemd.ts'),
  runit: () => import('./runit.ts'),
  s6: () => import('./s6.ts'),
  daemontools: () => import('./daemontools.ts'),
  supervisord: () => import('./supervisord.ts'),
  launchd: () => import('./launchd.ts'),
  upstart: () => import('./upstart.ts'),
  'upstart-single': () => import('./upstart-single.ts'),
  inittab: () => import('./inittab.ts'),
  smf: () => import('./smf.ts'),
  openrc: () => import('./openrc.ts'),
  sysv: () => import('./sysv.ts'),
  pm2: () => import('./pm2.ts'),
  compose: () => import('./compose.ts'),
  kubernetes: () => import('./kubernetes.ts'),
  nomad: () => import('./nomad.ts'),
  quadlet: () => import('./quadlet.ts'),
  'rc.d': () => import('./freebsd-rc.ts'),
  monit: () => import('./monit.ts'),
  winsw: () => import('./winsw.ts'),
  json: () => import('./json.ts'),
} satisfies Record<string, () => Promise<UnitFormat>>;

export type Format = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as readonly Format[];
