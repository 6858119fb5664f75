import {Flags, UsageError} from '@keelson/cli-kit';

/** As `parseDuration` reads it. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse: async (text) => {
    const {parseDuration} = await import('./parse-duration.ts');
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    throw new UsageError(`a time is 10s, 500ms, 2m or 1h, not ${text}`);
  },
});
