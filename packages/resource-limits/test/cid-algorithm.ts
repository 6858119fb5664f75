// CID's distributeResources (futoin/cid-tool 0.9.1, details/resourcealgo.py) as it is, for comparing: in pages, rounds and all.
import {parseSize} from '@keelson/resource-limits';

const PAGE = 4096;
const LEAST = (48 * 1024 ** 2) / PAGE;

export interface CidTune {
  readonly minMemory: string;
  readonly connMemory: string;
  readonly connFD: number;
  readonly memWeight: number;
  readonly maxTotalMemory?: string | undefined;
  readonly maxInstances?: number | undefined;
  readonly scalable: boolean;
  readonly multiCore: boolean;
  readonly reloadable: boolean;
}

type CidInstance = [bytes: number, connections: number, files: number, cpus: number];

const pages = (size: string) => Math.floor(parseSize(size) / PAGE);

function instanceCount(tune: CidTune, memory: number, cpus: number): [count: number, cpus: number] {
  const [minimum, comfortable] = [pages(tune.minMemory), Math.max(2 * pages(tune.minMemory), LEAST)];
  if (!tune.scalable) return [1, cpus];
  if (tune.multiCore)
    return !tune.reloadable && memory >= 2 * comfortable ? [2, Math.ceil(cpus / 2)] : [1, cpus];
  const possible = Math.floor(memory / comfortable) || (memory > minimum ? 1 : 0);
  return [Math.min(tune.reloadable || cpus > 1 ? cpus : 2, possible), 1];
}

/** Each entry point's instances; undefined: a deficit. */
export function cidDistribute(
  memoryBytes: number,
  cpus: number,
  tunes: readonly CidTune[],
): CidInstance[][] | undefined {
  const all = Math.floor(memoryBytes / PAGE);
  const services = tunes.map((tune) => ({
    tune,
    memory: Math.max(pages(tune.minMemory) + pages(tune.connMemory), LEAST),
    most: tune.maxTotalMemory === undefined ? all : pages(tune.maxTotalMemory),
  }));
  let available = all - services.reduce((sum, {memory}) => sum + memory, 0);
  if (available < 0) return undefined;
  let candidates = services;
  while (available > 0 && candidates.length > 0) {
    const weights = candidates.reduce((sum, {tune}) => sum + tune.memWeight, 0);
    const round = available;
    const stay: typeof services = [];
    for (const service of candidates) {
      let add = Math.floor((round * service.tune.memWeight) / weights);
      if (service.memory + add > service.most) add = service.most - service.memory;
      else stay.push(service);
      service.memory += add;
      available -= add;
    }
    candidates = stay;
    if (available === round) break;
  }
  return services.map(({tune, memory}) => {
    const [useful, each] = instanceCount(tune, memory, cpus);
    const count = Math.min(useful, tune.maxInstances ?? useful);
    const share = Math.floor(memory / count);
    return Array.from({length: count}, (_, index): CidInstance => {
      const mine = share + (index === 0 ? memory - share * count : 0);
      const connections = Math.floor((mine - pages(tune.minMemory)) / pages(tune.connMemory));
      return [mine * PAGE, connections, connections * tune.connFD, each];
    });
  });
}
