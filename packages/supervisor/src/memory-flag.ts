import {Flags, UsageError} from '@keelson/cli-kit';

const UNITS: Readonly<Record<string, number>> = {'': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30};

/** `512M`, `1.5G`; a plain number means bytes. */
export const memoryFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  parse: async (text) => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
    const bytes = Number(number) * UNITS[(unit ?? '').toUpperCase()]!;
    if (bytes > 0) return Math.round(bytes);
    throw new UsageError(`a size is 512M or 1.5G, not ${text}`);
  },
});
