import type {CommandTable} from '@keelson/cli-kit';

export const summary = 'Write unit files for a process manager that run the processes of an app.';

export const commands: CommandTable = {
  systemd: () => import('./cli/systemd.ts'),
};
