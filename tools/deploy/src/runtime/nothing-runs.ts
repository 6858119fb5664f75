import type {Runtime} from '@keelson/deployer';
import {DeployServerFault} from '../fault.ts';

const never = (): never => {
  throw new DeployServerFault('SERVE_FAILED', 'an action starts no process of the app');
};

/** For what changes nothing that runs. */
export const nothingRuns: Runtime<never> = {
  start: never,
  ready: never,
  open: never,
  watch: never,
  drain: never,
  stop: never,
  running: () => undefined,
};
