import {Flags, UsageError} from '@keelson/cli-kit';

/** `--timeout 2.5`: how long what is asked to end may take. */
export const secondsFlag = Flags.custom<number>({
  char: 't',
  helpValue: 'SECONDS',
  summary: 'Time to end in before SIGKILL. Default: 5.',
  parse: async (text) => {
    if (/^\d{1,5}(\.\d+)?$/.test(text)) return Number(text);
    throw new UsageError(`${text} is no number of seconds`, 'for example --timeout 10');
  },
});
