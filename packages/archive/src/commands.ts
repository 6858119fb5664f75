import type {CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {
  list: () => import('./cli/list.ts'),
  verify: () => import('./cli/verify.ts'),
  extract: () => import('./cli/extract.ts'),
};
