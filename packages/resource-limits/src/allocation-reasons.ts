import {sharingCpus, wholeCpus} from './cpu-share.ts';
import type {Capacity, Plan} from './distribute.ts';
import type {EntryNeed} from './entry-need.ts';
import {comfortable, mostUseful} from './instance-count.ts';
import type {InstanceShare} from './instance-share.ts';
import {isTight, OTHER_THREADS, POOL} from './node-settings.ts';
import {PAGE} from './page.ts';
import {formatSize} from './size.ts';

type Reasoned = 'memoryBytes' | 'cpus' | 'maxConnections' | 'maxFiles' | 'threadPoolSize' | 'nodeOptions';

/** How each number of an allocation came about: a formula or a sentence without its end, for people. */
export type AllocationReasons = Readonly<Record<Reasoned | 'instances', string>>;

/** What an entry point got. */
interface Got {
  readonly bytes: number;
  readonly count: number;
  /** Bytes that the division left for the first instance. */
  readonly over: number;
  readonly first: InstanceShare;
}

const ROOMY =
  'heap (memory × 0.8 − 60M for code and stacks) × 0.8; what is left is for peaks, buffers and three semi-spaces';
const TIGHT = 'heap memory / 4: below 123M there is hardly room beside code and stacks';
const TWO = 'one serves while the other is replaced';

const rounded = (cpus: number): number => Math.round(cpus * 1000) / 1000;
const cpuCount = (cpus: number): string => (cpus === 1 ? '1 CPU' : `${rounded(cpus)} CPUs`);

function whyInstances({need, cpus}: Plan, {bytes, count}: Got): string {
  if (need.instances !== undefined) return 'asked for by instances';
  if (!need.scalable) return 'not scalable';
  const each = comfortable(need);
  const room = Math.floor(bytes / each);
  const memory = `${formatSize(bytes)} is enough for ${room} of ${formatSize(each)}`;
  if (count > room)
    return count === 1
      ? `${memory}, but one has its minimum`
      : `so many of maxMemory use ${formatSize(bytes)}`;
  if (count < room && count === need.maxInstances) return `maxInstances (${memory})`;
  const useful = mostUseful(need, wholeCpus(cpus));
  if (count < useful) return memory;
  if (need.multiCore) return useful === 1 ? 'one uses every CPU and reloads in place' : `multiCore: ${TWO}`;
  return useful > cpus && useful === 2
    ? `one CPU, but ${TWO}`
    : cpus === 1
      ? `one for the one CPU (${memory})`
      : `one for each of ${cpuCount(cpus)} (${memory})`;
}

function whyMemory({need, base, cap}: Plan, {bytes, count, over}: Got, memWeights: number): string {
  const many = cap / (need.maxBytes / PAGE);
  const why =
    bytes < cap * PAGE
      ? `${formatSize(base * PAGE)} at least, the rest by memWeight ${need.memWeight} of ${memWeights}`
      : need.maxTotalBytes === cap * PAGE
        ? 'maxTotalMemory'
        : `maxMemory × ${many}`;
  if (count === 1) return why;
  const left = over === 0 ? '' : `; the first also has the ${formatSize(over)} that this leaves`;
  return `${formatSize(bytes)} (${why}) / ${count} instances${left}`;
}

function whyCpus({need, cpus}: Plan, got: Got, capacity: Capacity): string {
  const from =
    cpus === capacity.cpus ? cpuCount(cpus) : `${cpuCount(cpus)}, by cpuWeight of ${rounded(capacity.cpus)}`;
  const sharing = sharingCpus(need, got);
  if (sharing === undefined) return `at most 1, for one thread runs JavaScript, of ${from}`;
  return sharing === 1 ? `all of ${from}` : `a share for each of ${sharing} instances of ${from}`;
}

const whyConnections = ({minBytes, connBytes}: EntryNeed): string =>
  `(memory − ${formatSize(minBytes)} minMemory) / ${formatSize(connBytes)} connMemory`;

function whyFiles({connFD}: EntryNeed, {maxFiles}: InstanceShare, files = Infinity): string {
  const many = `connections × ${connFD} connFD`;
  if (maxFiles <= files) return many;
  return `${many}; the ${files} of this process are enough for ${Math.floor(files / connFD)} connections`;
}

function whyThreads({threadPoolSize: size, cpus}: InstanceShare): string {
  if (size < Math.max(POOL.usual, Math.ceil(cpus)))
    return `what the limit of processes leaves beside ${OTHER_THREADS} other threads of Node`;
  return size === POOL.usual ? "libuv's default" : 'one for each CPU';
}

export function allocationReasons(
  plan: Plan,
  got: Got,
  {capacity, memWeights}: {readonly capacity: Capacity; readonly memWeights: number},
): AllocationReasons {
  const {need} = plan;
  return {
    instances: whyInstances(plan, got),
    memoryBytes: whyMemory(plan, got, memWeights),
    cpus: whyCpus(plan, got, capacity),
    maxConnections: whyConnections(need),
    maxFiles: whyFiles(need, got.first, capacity.files),
    threadPoolSize: whyThreads(got.first),
    nodeOptions: isTight(got.first.memoryBytes) ? TIGHT : ROOMY,
  };
}
