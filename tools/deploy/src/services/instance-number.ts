import {UsageError} from '@keelson/cli-kit';

/** `1`, as `services list` prints it. Throws UsageError. */
export function instanceNumber(word: string): number {
  if (/^[1-9]\d{0,4}$/.test(word)) return Number(word);
  throw new UsageError(
    `${JSON.stringify(word)} is no number of an instance`,
    'services list tells which there are.',
  );
}
