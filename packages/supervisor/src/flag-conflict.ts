import type {RunFlags} from './run-options.ts';

const LEAST_HEARTBEAT_MS = 100;

/** Flags of `keelson run` that cannot be had together: what is wrong, and why. */
export function flagConflict(flags: RunFlags): readonly [message: string, hint: string] | undefined {
  if ((flags.health ?? '/') === flags['health-path'])
    return ['--health-path and --health are one path', 'The app would never be asked whether it works.'];
  if (flags.metrics && flags['health-on'] === undefined)
    return ['--metrics needs --health-on', 'It says where /metrics is answered.'];
  if (flags.heartbeat < LEAST_HEARTBEAT_MS)
    return ['--heartbeat is at least 100ms', 'Every worker is asked twice in that time.'];
  return undefined;
}
