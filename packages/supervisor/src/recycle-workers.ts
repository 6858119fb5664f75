import {residentBytes} from './resident-bytes.ts';
import type {Service} from './run-service.ts';
import type {WorkerStatus} from './status.ts';
import {targetOf} from './slots-of.ts';
import type {WorkerQuestions} from './worker-questions.ts';
import {type WorkerSample, workerSamples} from './worker-sample.ts';

const LOOK_EVERY_MS = 5000;
/** One slow moment is no reason. */
const LATE_LOOKS = 2;

export interface WorkerLimits {
  /** Resident memory of the worker's first process. */
  readonly memoryBytes?: number | undefined;
  readonly uptimeMs?: number | undefined;
  /** HTTP requests that it may answer. */
  readonly requests?: number | undefined;
  /** How late its event loop may be, as the 99th percentile between two looks, twice in a row. */
  readonly lagMs?: number | undefined;
  /** How often to look. Default 5000. */
  readonly everyMs?: number | undefined;
}

/**
 * Replaces workers that are over a limit, one at a time and as `Service.restart` does: before the kernel would kill them.
 * `note` is told who is replaced, and why.
 * @returns ends it
 */
export function recycleWorkers(
  service: Service,
  limits: WorkerLimits,
  {
    note,
    questions,
  }: {readonly note: (worker: string, text: string) => void; readonly questions: WorkerQuestions},
): () => void {
  const {lagMs, memoryBytes, requests, uptimeMs, everyMs = LOOK_EVERY_MS} = limits;
  const asks = lagMs !== undefined || requests !== undefined;
  if (!asks && memoryBytes === undefined && uptimeMs === undefined) return () => {};
  let busy = false;
  const late = new Map<string, number>();
  const look = async (): Promise<void> => {
    const samples = asks ? await workerSamples(questions) : [];
    for (const {lag, worker: tag} of samples) {
      const worker = targetOf(tag);
      late.set(worker, lag * 1000 > (lagMs ?? Infinity) ? (late.get(worker) ?? 0) + 1 : 0);
    }
    if (service.status().changing !== undefined) return;
    const found = firstOver(service, limits) ?? firstAnswering(samples, limits, late);
    if (!found) return;
    late.delete(found.worker);
    note(found.worker, found.because);
    await service.restart(found.worker);
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void look()
      .catch(() => {}) // it ends
      .finally(() => (busy = false));
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function firstAnswering(
  samples: readonly WorkerSample[],
  {lagMs, requests = Infinity}: WorkerLimits,
  late: ReadonlyMap<string, number>,
): {worker: string; because: string} | undefined {
  for (const {requests: answered, worker: tag} of samples) {
    const worker = targetOf(tag);
    if (answered > requests) return {worker, because: `has answered ${answered} requests: it is replaced`};
    if ((late.get(worker) ?? 0) >= LATE_LOOKS)
      return {worker, because: `has an event loop that is more than ${lagMs} ms late: it is replaced`};
  }
  return undefined;
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
  {forMs, pid, state, since}: WorkerStatus,
  {memoryBytes, uptimeMs}: WorkerLimits,
): string | undefined {
  if (pid === undefined || state !== 'open') return undefined;
  const used = memoryBytes === undefined ? 0 : residentBytes(pid);
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
  if (memoryBytes !== undefined && used > memoryBytes)
    return `uses ${mebibytes(used)} of memory, more than ${mebibytes(memoryBytes)}: it is replaced`;
  if (uptimeMs !== undefined && forMs > uptimeMs) return `has served since ${since}: it is replaced`;
  return undefined;
}
