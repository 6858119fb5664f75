/** Number of CPUs in a list like `0-3,7`; undefined for an empty one, which in v1 means "not set up", not "none". */
export function countCpuList(text: string | undefined): number | undefined {
  const ranges = (text ?? '').trim().split(',').filter(Boolean);
  let total = 0;
  for (const range of ranges) {
    const [first, last] = range.split('-').map(Number);
    const many = (last ?? first ?? NaN) - (first ?? NaN) + 1;
    if (!Number.isInteger(many) || many < 1) return undefined;
    total += many;
  }
  return total === 0 ? undefined : total;
}
