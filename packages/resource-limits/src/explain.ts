import type {Limits} from './read-limits.ts';
import type {InstanceAllocation, SharedLimits} from './share-out.ts';
import {formatSize} from './size.ts';

const GAP = '  ';

/** Columns as wide as their widest cell; the last one is as long as it is. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, column) => Math.max(most[column] ?? 0, cell.length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join(GAP)
      .trimEnd(),
  );
}

const shortNumber = (value: number): string => String(Math.round(value * 100) / 100);

function limitRows(limits: Limits): [name: string, value: string, source: string, reason: string][] {
  const {source, reasons} = limits;
  return [
    ['memory', formatSize(limits.memoryBytes), source.memory, reasons.memory],
    ['swap', formatSize(limits.swapBytes), source.swap, reasons.swap],
    ['cpus', shortNumber(limits.cpus), source.cpus, reasons.cpus],
    ['files', String(limits.files), source.files, reasons.files],
    ['processes', String(limits.processes), source.processes, reasons.processes],
  ];
}

/** `memory  512M  cgroup2`, and where that is said when `explain`. */
export function limitLines(limits: Limits, {explain = false} = {}): string[] {
  return table(
    limitRows(limits).map(([name, value, source, reason]) => [name, value, source, explain ? reason : '']),
  );
}

function pressureLine({pressure}: Limits): string[] {
  if (!pressure) return [];
  const parts = (['memory', 'cpu', 'io'] as const).flatMap((name) => {
    const some = pressure[name]?.some;
    return some ? [`${name} ${some.avg10} %`] : [];
  });
  return [`pressure (some task stood still, last 10 s, ${pressure.source}): ${parts.join(', ')}`];
}

/** Instances that got the same are one: `web.1`, `web.2…15`. */
function groups(instances: readonly InstanceAllocation[]): [title: string, InstanceAllocation][] {
  const [first, second] = instances;
  if (!first) return [];
  const title = (from: number) =>
    from === instances.length
      ? instances[from - 1]!.name
      : `${instances[from - 1]!.name}…${instances.length}`;
  if (!second || second.memoryBytes === first.memoryBytes) return [[title(1), first]];
  return [
    [first.name, first],
    [title(2), second],
  ];
}

function shareRows({reasons, ...share}: InstanceAllocation): string[][] {
  return [
    ['memory', formatSize(share.memoryBytes), reasons?.memoryBytes ?? ''],
    ['cpus', shortNumber(share.cpus), reasons?.cpus ?? ''],
    ['connections', String(share.maxConnections), reasons?.maxConnections ?? ''],
    ['files', String(share.maxFiles), reasons?.maxFiles ?? ''],
    ['threads', `UV_THREADPOOL_SIZE=${share.threadPoolSize}`, reasons?.threadPoolSize ?? ''],
    ['node', share.nodeOptions, reasons?.nodeOptions ?? ''],
  ];
}

/** Of the others only what differs from the first instance. */
function explainedRows(type: string, instances: readonly InstanceAllocation[]): string[][] {
  const [first] = instances;
  if (!first) return [];
  const told = new Set<string>();
  const rows: string[][] = [[type, 'instances', String(instances.length), first.reasons?.instances ?? '']];
  for (const [title, share] of groups(instances)) {
    const news = shareRows(share).filter(([name, value]) => !told.has(`${name} ${value}`));
    for (const [index, row] of news.entries()) {
      told.add(`${row[0]} ${row[1]}`);
      rows.push([index === 0 ? title : '', ...row]);
    }
  }
  return rows;
}

/** Every number with how it came about. */
export function explainLines(limits: Limits | SharedLimits): string[] {
  const lines = [...limitLines(limits, {explain: true}), ...pressureLine(limits)];
  if (!('allocations' in limits)) return lines;
  const rows = Object.entries(limits.allocations).flatMap(([type, instances]) =>
    explainedRows(type, instances),
  );
  return rows.length === 0 ? lines : [...lines, '', ...table(rows)];
}

/** One line for each entry point. */
export function allocationLines({allocations}: SharedLimits): string[] {
  return Object.entries(allocations).flatMap(([type, instances]) => {
    const share = instances.at(-1);
    if (!share) return [];
    const {memoryBytes, cpus, maxConnections, heapMegabytes} = share;
    return [
      `${type}: ${instances.length} × ${formatSize(memoryBytes)}, ${shortNumber(cpus)} ${cpus === 1 ? 'CPU' : 'CPUs'}, ${maxConnections} connections, heap ${heapMegabytes} MB`,
    ];
  });
}
