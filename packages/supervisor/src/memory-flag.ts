import {Flags, UsageError} from '@keelson/cli-kit';

/** As `parseMemory` reads it. */
export const memoryFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  parse: async (text) => {
    const {parseMemory} = await import('./parse-memory.ts');
    const bytes = parseMemory(text);
    if (bytes !== undefined) return bytes;
    throw new UsageError(`a size is 512M or 1.5G, not ${text}`);
  },
});
