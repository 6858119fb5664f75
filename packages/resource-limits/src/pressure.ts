import type {CgroupPath} from './cgroup-path.ts';
import type {ReadKernelFile} from './kernel-files.ts';

/** How much of the time tasks stood still for want of something: percents over 10, 60 and 300 s, and the total. */
export interface Stalled {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalMicroseconds: number;
}

/** Pressure stall information (psi.rst): `some`, at least one task stood still; `full`, all of them at once. */
export interface ResourcePressure {
  readonly some?: Stalled;
  readonly full?: Stalled;
}

export interface Pressure {
  readonly memory?: ResourcePressure;
  readonly cpu?: ResourcePressure;
  readonly io?: ResourcePressure;
  /** Of the own cgroup, or of the whole machine where that one says nothing. */
  readonly source: 'cgroup2' | 'host';
}

const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/;

export function parsePressure(text: string): ResourcePressure | undefined {
  const lines = text.split('\n').flatMap((line) => {
    const found = LINE.exec(line.trim());
    if (!found) return [];
    const [avg10, avg60, avg300, totalMicroseconds] = found.slice(2).map(Number);
    return [[found[1]!, {avg10, avg60, avg300, totalMicroseconds}] as const];
  });
  return lines.length === 0 ? undefined : (Object.fromEntries(lines) as ResourcePressure);
}

async function pressureIn(
  read: ReadKernelFile,
  fileOf: (resource: string) => string,
): Promise<Omit<Pressure, 'source'> | undefined> {
  const found: Record<string, ResourcePressure> = {};
  for (const resource of ['memory', 'cpu', 'io']) {
    const pressure = parsePressure((await read(fileOf(resource))) ?? '');
    if (pressure) found[resource] = pressure;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** undefined: a kernel without PSI. */
export async function readPressure(
  paths: readonly CgroupPath[],
  read: ReadKernelFile,
): Promise<Pressure | undefined> {
  const own = paths.find(({version}) => version === 2)?.directories[0];
  const inCgroup =
    own === undefined ? undefined : await pressureIn(read, (name) => `${own}/${name}.pressure`);
  if (inCgroup) return {...inCgroup, source: 'cgroup2'};
  const inHost = await pressureIn(read, (name) => `/proc/pressure/${name}`);
  return inHost && {...inHost, source: 'host'};
}
