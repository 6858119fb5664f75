import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Show what this machine gives a process, and share it out.';

export const commands: CommandTable = {
  '': () => import('./cli/print.ts'),
  share: () => import('./cli/share.ts'),
};
