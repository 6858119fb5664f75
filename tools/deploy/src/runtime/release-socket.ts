import {join} from 'node:path';
import {DeployServerFault} from '../fault.ts';

/** Files of a release that systemd runs. */
export interface ReleaseFiles {
  /** What it runs, with its environment; 0600. It outlives a restart of the machine, which `runtime` need not. */
  readonly workload: string;
  /** Where its program is asked, in the deploy root's `runtime`, which is 0700. */
  readonly socket: string;
}

const PATH_LIMIT = 107; // sun_path in unix(7), less its NUL

/** Faults: SERVE_PATH_TOO_LONG. */
export function releaseFiles(root: string, release: number): ReleaseFiles {
  const socket = join(root, 'runtime', `${release}.sock`);
  if (Buffer.byteLength(socket) > PATH_LIMIT)
    throw new DeployServerFault(
      'SERVE_PATH_TOO_LONG',
      `${socket} is longer than a unix socket's name may be`,
      {
        hint: `choose a --root that is ${Buffer.byteLength(socket) - PATH_LIMIT} bytes shorter`,
      },
    );
  return {workload: join(root, '.keelson', 'workloads', `${release}.json`), socket};
}
