import {Flags, UsageError} from '@keelson/cli-kit';
import {parseDuration} from './parse-duration.ts';

/** As `parseDuration` reads it. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse: async (text) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    throw new UsageError(`a time is 10s, 500ms, 2m or 1h, not ${text}`);
  },
});
