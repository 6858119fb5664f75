/** `4`, `auto`. Undefined for anything else. */
export function parseWorkers(text: string): number | 'auto' | undefined {
  if (text === 'auto') return text;
  return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : undefined;
}
