import {Flags, UsageError} from '@keelson/cli-kit';

/** `--workers 4`, `--workers auto` */
export const workersFlag = Flags.custom<number | 'auto'>({
  char: 'w',
  summary: 'Processes of each web instance, or auto: one for each CPU.',
  helpValue: 'N',
  default: 1,
  parse: async (text) => {
    if (text === 'auto') return text;
    if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
    throw new UsageError(`--workers takes a number from 1 to 9999, or auto, not ${text}`);
  },
});
