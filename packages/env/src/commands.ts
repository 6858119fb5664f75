import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Check env files, and print what they amount to.';

export const commands: CommandTable = {
  print: () => import('./cli/print.ts'),
  check: () => import('./cli/check.ts'),
  bind: () => import('./cli/bind.ts'),
};
