import type {Readable} from 'node:stream';

import {launch, type Child} from '@keelson/spawn';

import type {ProcessPlan} from './process-plan.ts';

/** A started process: a `Child` of @keelson/spawn is one, and so is a process in a pseudo-terminal. */
export interface RunningProcess extends Pick<Child, 'pid' | 'stdout' | 'exited' | 'kill' | 'stop'> {
  /** Undefined in a terminal, which has but one output. */
  readonly stderr: Readable | undefined;
}

/** Starts a process in a group of its own that ends with us, even when we are killed. */
export type Launcher = (plan: ProcessPlan) => Promise<RunningProcess>;

/** Default: pipes, and /dev/null for stdin. */
export const launchInPipes: Launcher = ({command, cwd, env, graceMs}) =>
  launch({command, shell: true, cwd, env}, {graceMs});
