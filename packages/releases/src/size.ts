const UNITS = {B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3} as const;

/** `20G` → bytes; what is no size was refused when the settings were read. */
export function bytesOf(size: string): number {
  return Number.parseInt(size, 10) * UNITS[size.at(-1) as keyof typeof UNITS];
}
