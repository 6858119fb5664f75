const UNITS: Readonly<Record<string, number>> = {'': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30};

/** `512M`, `1.5G`; a plain number means bytes. Undefined for anything else. */
export function parseMemory(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Number(number) * UNITS[(unit ?? '').toUpperCase()]!;
  return bytes > 0 ? Math.round(bytes) : undefined;
}
