import {UsageError} from '@keelson/cli-kit';

/** SOURCE_DATE_EPOCH in seconds; undefined when it is not set. https://reproducible-builds.org/specs/source-date-epoch/ */
export function sourceDateEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new UsageError(`SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, not seconds since 1970`);
}
