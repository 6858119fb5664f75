import {type CountKey, type EntryPoint, MOST, type Size, type SizeKey} from './entry-point.ts';
import {LimitsFault} from './fault.ts';
import {PAGE, pagesDown, pagesUp} from './page.ts';
import {formatSize, parseSize} from './size.ts';

// CID's numbers: the defaults of its Node tool, and the least that any entry point gets.
const DEFAULTS = {
  minMemory: 64 * 1024 ** 2,
  connMemory: 32 * 1024,
  connFD: 16,
  memWeight: 100,
  cpuWeight: 100,
} as const;
export const LEAST_BYTES = 48 * 1024 ** 2;

/** An entry point with every default filled in, sizes in bytes, and nothing contradictory. */
export interface EntryNeed {
  readonly name: string;
  readonly minBytes: number;
  readonly connBytes: number;
  /** What an instance with one connection needs, in whole pages. */
  readonly leastBytes: number;
  /** Of one instance, in whole pages; Infinity without a limit. */
  readonly maxBytes: number;
  /** Of all instances, in whole pages; Infinity without a limit. */
  readonly maxTotalBytes: number;
  readonly connFD: number;
  readonly memWeight: number;
  readonly cpuWeight: number;
  readonly scalable: boolean;
  readonly multiCore: boolean;
  readonly reloadable: boolean;
  readonly instances: number | undefined;
  readonly maxInstances: number;
  readonly maxRequestSize: Size | undefined;
  readonly socketProtocol: string | undefined;
}

function refuse(name: string, because: string, hint?: string): never {
  throw new LimitsFault('LIMITS_ENTRY', `entry point "${name}": ${because}`, {hint});
}

function bytesOf(entry: EntryPoint, key: SizeKey, otherwise: number): number {
  const size = entry[key];
  if (size === undefined) return otherwise;
  if (typeof size === 'number') {
    return Number.isSafeInteger(size) && size > 0
      ? size
      : refuse(entry.name, `${key} is ${size}, not a positive whole number of bytes`);
  }
  try {
    return parseSize(size);
  } catch (cause) {
    const message = cause instanceof LimitsFault ? cause.message : String(cause);
    return refuse(entry.name, `${key}: ${message}`, 'Write a whole number and a unit, for example 512M.');
  }
}

function countOf(entry: EntryPoint, key: CountKey): number | undefined {
  const count = entry[key];
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= MOST)) return count;
  return refuse(entry.name, `${key} is ${count}, not a whole number from 1 to ${MOST}`);
}

function checkRoom(need: EntryNeed): void {
  const {name, minBytes, connBytes, leastBytes, maxBytes, maxTotalBytes, instances} = need;
  const told = `minMemory ${formatSize(minBytes)} and one connection of ${formatSize(connBytes)}`;
  if (maxBytes < leastBytes) refuse(name, `maxMemory ${formatSize(maxBytes)} is less than ${told}`);
  if (maxTotalBytes < leastBytes * (instances ?? 1)) {
    const times = instances === undefined ? '' : `, ${instances} times`;
    refuse(name, `maxTotalMemory ${formatSize(maxTotalBytes)} is less than ${told}${times}`);
  }
}

function checkInstances({name, instances, maxInstances, scalable}: EntryNeed): void {
  if (instances === undefined) return;
  if (instances > maxInstances)
    refuse(name, `instances ${instances} is more than maxInstances ${maxInstances}`);
  if (!scalable && instances > 1) refuse(name, `instances is ${instances}, but it is not scalable`);
}

function overheadOf(entry: EntryPoint, key: 'debugOverhead' | 'debugConnOverhead', debug: boolean): number {
  const bytes = bytesOf(entry, key, 0);
  return debug ? bytes : 0;
}

function mostOf(entry: EntryPoint, key: 'maxMemory' | 'maxTotalMemory'): number {
  return entry[key] === undefined ? Infinity : pagesDown(bytesOf(entry, key, 0)) * PAGE;
}

/** Faults: LIMITS_ENTRY. */
export function entryNeed(entry: EntryPoint, debug: boolean): EntryNeed {
  if (typeof entry.name !== 'string' || entry.name === '') refuse('', 'it has no name');
  if (/\p{Cc}/u.test(entry.name))
    throw new LimitsFault(
      'LIMITS_ENTRY',
      `entry point ${JSON.stringify(entry.name)}: its name has a control character`,
    );
  bytesOf(entry, 'maxRequestSize', 0);
  const minBytes =
    bytesOf(entry, 'minMemory', DEFAULTS.minMemory) + overheadOf(entry, 'debugOverhead', debug);
  const connBytes =
    bytesOf(entry, 'connMemory', DEFAULTS.connMemory) + overheadOf(entry, 'debugConnOverhead', debug);
  const need: EntryNeed = {
    name: entry.name,
    minBytes,
    connBytes,
    leastBytes: pagesUp(minBytes + connBytes) * PAGE,
    maxBytes: mostOf(entry, 'maxMemory'),
    maxTotalBytes: mostOf(entry, 'maxTotalMemory'),
    connFD: countOf(entry, 'connFD') ?? DEFAULTS.connFD,
    memWeight: countOf(entry, 'memWeight') ?? DEFAULTS.memWeight,
    cpuWeight: countOf(entry, 'cpuWeight') ?? DEFAULTS.cpuWeight,
    scalable: entry.scalable ?? true,
    multiCore: entry.multiCore ?? false,
    reloadable: entry.reloadable ?? false,
    instances: countOf(entry, 'instances'),
    maxInstances: countOf(entry, 'maxInstances') ?? Infinity,
    maxRequestSize: entry.maxRequestSize,
    socketProtocol: entry.socketProtocol,
  };
  checkInstances(need);
  checkRoom(need);
  return need;
}
