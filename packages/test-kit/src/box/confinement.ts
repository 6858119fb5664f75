import {join} from 'node:path';

import {packageRoot} from '../package-root.ts';

/** Where Debian keeps it. */
export const SYSTEMD = '/lib/systemd/systemd';

export interface Confinement {
  /** A directory for its mounts. */
  readonly state: string;
  /** False: ends where systemd would start. Default true. */
  readonly boot?: boolean | undefined;
  /** The root to run, default this machine's. */
  readonly lower?: string | undefined;
  /** Paths of this machine that are the same inside. */
  readonly bind?: readonly string[] | undefined;
  /** The same, for every account inside to read, whatever their modes are on this machine. */
  readonly read?: readonly string[] | undefined;
  /** A tree without controllers, also where the machine has the old hierarchies. */
  readonly onlyV2?: boolean | undefined;
}

let boxes = 0;

/** The command that becomes the box. It prints `/sys/fs/cgroup/…` for each of its groups and `pid N`, and dies with this process. */
export function confinement({state, boot = true, lower, bind = [], read = [], onlyV2}: Confinement) {
  boxes += 1;
  const script = join(packageRoot(import.meta.url), 'systemd-box/confine.sh');
  return {
    command: 'setpriv',
    args: ['--pdeathsig', 'KILL', 'bash', script, `keelson-box-${process.pid}-${boxes}`],
    env: {
      PATH: process.env['PATH'],
      BOX_STATE: state,
      BOX_BOOT: boot ? 'yes' : 'no',
      BOX_BIND: bind.join('\n'),
      BOX_READ: read.join('\n'),
      ...(lower !== undefined && {BOX_LOWER: lower}),
      ...(onlyV2 && {BOX_CGROUP: 'v2'}),
    },
  };
}
