import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Serve pushes without losing a request; roll back, look, configure.';

export const commands: CommandTable = {
  '': () => import('./cli/deploy.ts'),
  serve: () => import('./cli/serve.ts'),
  status: () => import('./cli/status.ts'),
  releases: () => import('./cli/releases.ts'),
  rollback: () => import('./cli/rollback.ts'),
  diff: () => import('./cli/diff.ts'),
  history: () => import('./cli/history.ts'),
  logs: () => import('./cli/logs.ts'),
  config: async () => ({
    summary: 'Show and change the values of an app.',
    commands: {
      show: () => import('./cli/config/show.ts'),
      set: () => import('./cli/config/set.ts'),
      unset: () => import('./cli/config/unset.ts'),
      import: () => import('./cli/config/import.ts'),
      revert: () => import('./cli/config/revert.ts'),
    },
  }),
  dev: () => import('./cli/dev.ts'),
  services: async () => ({
    summary: 'List, run, stop and reload the instances of an app.',
    commands: {
      list: () => import('./cli/services/list.ts'),
      exec: () => import('./cli/services/exec.ts'),
      stop: () => import('./cli/services/stop.ts'),
      reload: () => import('./cli/services/reload.ts'),
      master: () => import('./cli/serve.ts'),
    },
  }),
  setup: () => import('./cli/setup.ts'),
  set: () => import('./cli/set.ts'),
  reset: () => import('./cli/reset.ts'),
  action: () => import('./cli/action.ts'),
  migrate: () => import('./cli/migrate.ts'),
  unlock: () => import('./cli/unlock.ts'),
};
