/**
 * The line in which a write broke off. The sink counts it as written and brings its rest out first of all, so that nobody's
 * line comes between, whatever becomes of the others.
 */
export interface TornLine {
  readonly line: string;
  /** How much of it has arrived. */
  sent: number;
}

/** Where a write of whole lines that broke off after `sent` characters stands: so many lines' characters count as written. */
export function tearAt(
  lines: string,
  sent: number,
): {readonly written: number; readonly torn: TornLine | undefined} {
  const start = sent === 0 ? 0 : lines.lastIndexOf('\n', sent - 1) + 1;
  if (start === sent) return {written: sent, torn: undefined};
  const newline = lines.indexOf('\n', sent);
  const end = newline < 0 ? lines.length : newline + 1;
  return {written: end, torn: {line: lines.slice(start, end), sent: sent - start}};
}
