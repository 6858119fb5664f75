import type {CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {
  '': () => import('./cli.ts'),
  token: () => import('./cli/token.ts'),
};
