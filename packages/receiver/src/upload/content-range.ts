/** From which byte on a request brings a file, and its size where that is said. */
export interface Part {
  readonly from: number;
  readonly total: number | undefined;
}

/**
 * `Content-Range: bytes FROM-LAST/TOTAL` (RFC 9110 §14.4); without one the whole file comes, of `Content-Length` bytes. Undefined for a
 * range that cannot be: a part has to reach to the end of the file.
 */
export function partOf(range: string | undefined, length: string | undefined): Part | undefined {
  if (range === undefined) return {from: 0, total: length === undefined ? undefined : Number(length)};
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(range) ?? [];
  const [from, to, total] = [Number(first), Number(last), Number(size)];
  return from <= to && to === total - 1 ? {from, total} : undefined;
}
