import type {EntryNeed} from './entry-need.ts';
import type {Size} from './entry-point.ts';
import {nodeMemory, threadPoolSize} from './node-settings.ts';

/** What one instance gets. */
export interface InstanceShare {
  readonly memoryBytes: number;
  /** The most CPUs that it may use; the kernel shares them out among those who want them. */
  readonly cpus: number;
  /** As many as its memory is good for. */
  readonly maxConnections: number;
  /** What so many connections need: for LimitNOFILE= or `ulimit -n`. May be more than the limit of this process. */
  readonly maxFiles: number;
  /** For UV_THREADPOOL_SIZE. */
  readonly threadPoolSize: number;
  /** For `--max-old-space-size`. */
  readonly heapMegabytes: number;
  /** Flags of Node that make the memory real: for NODE_OPTIONS, or in front of the script. */
  readonly nodeOptions: string;
  readonly maxRequestSize?: Size | undefined;
  readonly socketProtocol?: string | undefined;
}

/** @param threads that each process may have */
export function instanceShare(
  need: EntryNeed,
  memoryBytes: number,
  {cpus, threads}: {readonly cpus: number; readonly threads: number},
): InstanceShare {
  const maxConnections = Math.floor((memoryBytes - need.minBytes) / need.connBytes);
  const {heapMegabytes, nodeOptions} = nodeMemory(memoryBytes);
  return {
    memoryBytes,
    cpus,
    maxConnections,
    maxFiles: maxConnections * need.connFD,
    threadPoolSize: threadPoolSize(cpus, threads),
    heapMegabytes,
    nodeOptions,
    maxRequestSize: need.maxRequestSize,
    socketProtocol: need.socketProtocol,
  };
}
