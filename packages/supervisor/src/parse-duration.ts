const UNITS: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};

/** `10s`, `500ms`, `2m`, `1h`; a plain number means seconds. Milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d{1,9}(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(number) * UNITS[unit]!;
  return ms < 2 ** 31 ? Math.round(ms) : undefined;
}
