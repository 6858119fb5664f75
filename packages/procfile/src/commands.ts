import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Check a Procfile; list its types, instances and ports.';

export const commands: CommandTable = {
  check: () => import('./cli/check.ts'),
  list: () => import('./cli/list.ts'),
  ports: () => import('./cli/ports.ts'),
};
