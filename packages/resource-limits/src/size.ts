import {LimitsFault} from './fault.ts';

const UNITS = {B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3} as const;
type Unit = keyof typeof UNITS;

/** What is wrong with a text that is no size, as the end of a sentence. */
function because(text: string): string {
  if (/^\d+$/.test(text)) return 'it has no unit';
  if (/^[+-]/.test(text)) return 'it has a sign';
  if (/^\d*\.\d*[BKMG]?$/.test(text)) return 'it is not a whole number';
  if (/^0+[BKMG]$/.test(text)) return 'it is zero';
  if (/^\d+[bkmg]$/.test(text)) return 'its unit is not a capital letter';
  if (/^\d+[A-Za-z]+$/.test(text)) return 'its unit is not one of B, K, M, G';
  return 'it is not a whole number with a unit';
}

/**
 * `<whole number><B|K|M|G>`, powers of 1024, the unit is required (CID's rules), to bytes.
 * Faults: LIMITS_SIZE.
 */
export function parseSize(text: string): number {
  const found = /^0*([1-9]\d*)([BKMG])$/.exec(text);
  const bytes = found ? Number(found[1]) * UNITS[found[2] as Unit] : 0;
  if (found && Number.isSafeInteger(bytes)) return bytes;
  const reason = found ? 'it is too large' : because(text);
  throw new LimitsFault('LIMITS_SIZE', `"${text}" is no size: ${reason}`, {
    hint: 'Write a whole number and a unit, for example 512M (B, K, M or G, powers of 1024).',
  });
}

/** Bytes with the largest unit that is exact: 578355200 → '564800K', 1536 → '1536B'. */
export function formatSize(bytes: number): string {
  if (bytes > 0) {
    for (const unit of ['G', 'M', 'K'] as const) {
      // Divided by a power of two, which is exact, and much faster than a remainder of large numbers.
      const many = bytes / UNITS[unit];
      if (Number.isInteger(many)) return `${many}${unit}`;
    }
  }
  return `${bytes}B`;
}
