import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Run the processes of a Procfile while you work on the app.';

export const commands: CommandTable = {
  start: () => import('./cli/start.ts'),
  run: () => import('./cli/run.ts'),
  ps: () => import('./cli/ps.ts'),
  logs: () => import('./cli/logs.ts'),
  restart: () => import('./cli/restart.ts'),
  stop: () => import('./cli/stop.ts'),
  check: async () => (await import('@keelson/procfile/commands')).commands['check']!(),
  export: () => import('@keelson/export/commands'),
};
