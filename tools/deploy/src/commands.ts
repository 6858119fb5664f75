import type {CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {
  serve: () => import('./cli/serve.ts'),
  status: () => import('./cli/status.ts'),
  releases: () => import('./cli/releases.ts'),
  rollback: () => import('./cli/rollback.ts'),
  logs: () => import('./cli/logs.ts'),
  set: () => import('./cli/set.ts'),
};
