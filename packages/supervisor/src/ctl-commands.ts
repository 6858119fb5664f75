import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Ask a running supervisor: status, roll, restart, resize, drain, stop.';

/** What `keelson-ctl` and `keelson ctl` know. */
export const commands: CommandTable = {
  status: () => import('./cli/status.ts'),
  restart: () => import('./cli/restart.ts'),
  roll: () => import('./cli/roll.ts'),
  resize: () => import('./cli/resize.ts'),
  stop: () => import('./cli/stop.ts'),
  signal: () => import('./cli/signal.ts'),
  logs: () => import('./cli/logs.ts'),
  'log-level': () => import('./cli/log-level.ts'),
  'heap-snapshot': () => import('./cli/heap-snapshot.ts'),
  'cpu-profile': () => import('./cli/cpu-profile.ts'),
  plugins: () => import('./cli/plugins.ts'),
  drain: () => import('./cli/drain.ts'),
};
