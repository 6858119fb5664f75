import type {PlannedProcess} from '../planned-processes.ts';

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));

function asked({of: {health}, port}: PlannedProcess): object {
  return health?.kind === 'exec'
    ? {exec: {command: ['/bin/sh', '-c', health.command ?? ':']}}
    : {httpGet: {path: health?.path, port: port ?? 80}};
}

/** A container gets traffic while it answers, is started again when it no longer does, and has as long as a start may take before either. */
export function probes(one: PlannedProcess): object {
  const {health, start} = one.of;
  if (!health || health.kind === 'watchdog') return {};
  const every = {
    ...asked(one),
    periodSeconds: seconds(health.intervalMs),
    timeoutSeconds: seconds(health.timeoutMs),
    failureThreshold: health.retries,
  };
  return {
    readinessProbe: every,
    livenessProbe: every,
    ...(start.timeoutMs === undefined
      ? {}
      : {
          startupProbe: {
            ...every,
            periodSeconds: 1,
            failureThreshold: seconds(start.timeoutMs),
          },
        }),
  };
}
