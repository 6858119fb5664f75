import type {CommandTable} from '@keelson/cli-kit';

export const commands: CommandTable = {
  '': () => import('./cli.ts'),
  matrix: () => import('./cli/matrix.ts'),
};
