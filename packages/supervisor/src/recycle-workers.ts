import {readFileSync} from 'node:fs';
import type {Service} from './run-service.ts';
import type {WorkerStatus} from './status.ts';

const LOOK_EVERY_MS = 5000;
/** What /proc counts memory in, on every Linux that Node runs on with prebuilt binaries. */
const PAGE_BYTES = 4096;

export interface WorkerLimits {
  /** Resident memory of the worker's first process. */
  readonly memoryBytes?: number | undefined;
  readonly uptimeMs?: number | undefined;
  /** How often to look. Default 5000. */
  readonly everyMs?: number | undefined;
}

/**
 * Replaces workers that are over a limit, one at a time and as `Service.restart` does: before the kernel would kill them.
 * @param note is told who is replaced, and why
 * @returns ends it
 */
export function recycleWorkers(
  service: Service,
  limits: WorkerLimits,
  note: (worker: string, text: string) => void,
): () => void {
  const {memoryBytes, uptimeMs, everyMs = LOOK_EVERY_MS} = limits;
  if (memoryBytes === undefined && uptimeMs === undefined) return () => {};
  let busy = false;
  const timer = setInterval(() => {
    if (busy || service.status().changing !== undefined) return;
    const found = firstOver(service, limits);
    if (!found) return;
    busy = true;
    note(found.worker, found.because);
    void service
      .restart(found.worker)
      .catch(() => {}) // it ends
      .finally(() => (busy = false));
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function firstOver(service: Service, limits: WorkerLimits): {worker: string; because: string} | undefined {
  for (const {state, instances} of service.status().generations) {
    if (state !== 'open') continue;
    for (const {name, workers} of instances) {
      for (const [at, worker] of workers.entries()) {
        const because = whyReplace(worker, limits);
        if (because !== undefined) return {worker: `${name}/${at + 1}`, because};
      }
    }
  }
  return undefined;
}

function whyReplace(
  {pid, state, since}: WorkerStatus,
  {memoryBytes, uptimeMs}: WorkerLimits,
): string | undefined {
  if (pid === undefined || state !== 'open') return undefined;
  const used = memoryBytes === undefined ? 0 : residentBytes(pid);
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  if (memoryBytes !== undefined && used > memoryBytes)
    return `uses ${mebibytes(used)} of memory, more than ${mebibytes(memoryBytes)}: it is replaced`;
  if (uptimeMs !== undefined && Date.now() - Date.parse(since) > uptimeMs)
    return `has served since ${since}: it is replaced`;
  return undefined;
}

/** proc(5): the second number of statm. 0 for a process that is gone. */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
