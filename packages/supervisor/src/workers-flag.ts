import {Flags, UsageError} from '@keelson/cli-kit';

/** `--workers 4`, `--workers auto` */
export const workersFlag = Flags.custom<number | 'auto'>({
  char: 'w',
  summary: 'Processes of each web instance, or auto: one for each CPU.',
  helpValue: 'N|auto',
  default: 1,
  parse: async (text) => {
    const {parseWorkers} = await import('./parse-workers.ts');
    const workers = parseWorkers(text);
    if (workers !== undefined) return workers;
    throw new UsageError(`it is a number from 1 to 9999, or auto, not ${text}`);
  },
});
