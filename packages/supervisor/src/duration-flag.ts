import {Flags, UsageError} from '@keelson/cli-kit';

const UNITS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};

/** `10s`, `500ms`, `2m`, `1h`; a plain number means seconds. Milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'TIME',
  parse: async (text) => {
    const [, number, unit = 's'] = /^(\d{1,9}(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
    const ms = Number(number) * UNITS[unit]!;
    if (ms < 2 ** 31) return Math.round(ms);
    throw new UsageError(`a time is 10s, 500ms, 2m or 1h, not ${text}`);
  },
});
