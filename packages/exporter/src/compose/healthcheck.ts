import type {PlannedProcess} from '../planned-processes.ts';

export function healthcheck({of: {health}, port}: PlannedProcess): object {
  if (!health || health.kind === 'watchdog') return {};
  const url = JSON.stringify(`http://127.0.0.1:${port ?? 80}${health.path}`);
  const test =
    health.kind === 'exec'
      ? ['CMD', '/bin/sh', '-c', health.command ?? ':']
      : ['CMD', 'node', '-e', `fetch(${url}).then((answer) => {process.exitCode = answer.ok ? 0 : 1})`];
  return {
    healthcheck: {
      test,
      interval: `${health.intervalMs}ms`,
      timeout: `${health.timeoutMs}ms`,
      retries: health.retries,
    },
  };
}
