import type {CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {
  check: () => import('./cli/check.ts'),
  list: () => import('./cli/list.ts'),
  ports: () => import('./cli/ports.ts'),
};
