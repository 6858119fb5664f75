import type {ServiceStatus} from './run-service.ts';
import type {WorkerStatus} from './status.ts';

export interface ServiceHealth {
  readonly kind: 'service-health';
  /** `warn`: it serves, but not with all of its workers. The words are those of application/health+json. */
  readonly status: 'pass' | 'warn' | 'fail';
  /** The supervisor runs, and a worker answers. */
  readonly live: boolean;
  /** It takes traffic and is to get more of it. */
  readonly ready: boolean;
  /** What is wrong, as sentences. */
  readonly notes: readonly string[];
  readonly service: ServiceStatus;
}

/**
 * Whether a service is alive, and ready for traffic. Never looks further than its own workers.
 * @param wrong what plugins have to say against it: then it lives, and is not ready
 */
export function serviceHealth(service: ServiceStatus, wrong: readonly string[] = []): ServiceHealth {
  const notes: string[] = [...wrong];
  let answering = 0;
  let workers = 0;
  let deaf = 0;
  for (const [name, {type, workers: all}] of servingInstances(service)) {
    const good = all.filter((worker) => answers(worker, service.heartbeatLimitMs)).length;
    answering += good;
    workers += all.length;
    if (type === 'web' && good === 0) deaf++;
    if (good < all.length)
      notes.push(`${all.length - good} of ${all.length} workers of ${name} do not answer`);
  }
  if (service.state === 'starting') notes.push('it starts');
  if (service.state === 'leaving' || service.state === 'stopping') notes.push('it is shutting down');
  // Until the first generation serves it is not for a liveness probe to judge; a startup probe asks readyz.
  const live = service.state === 'starting' || answering > 0;
  const ready = service.state === 'running' && answering > 0 && deaf === 0 && wrong.length === 0;
  const status = ready ? (answering === workers ? 'pass' : 'warn') : 'fail';
  return {kind: 'service-health', status, live, ready, notes, service};
}

interface Serving {
  readonly type: string;
  readonly workers: readonly WorkerStatus[];
}

/** By name: during a roll two generations serve, and what the next one has not let in yet is missed by nobody. */
function servingInstances({changing, generations}: ServiceStatus): ReadonlyMap<string, Serving> {
  const serving = new Map<string, Serving>();
  for (const {instances} of generations.filter(({state}) => state === 'open')) {
    for (const {name, type, workers} of instances) {
      const counted = workers.filter(
        ({restarts, state}) =>
          changing === undefined || restarts > 0 || (state !== 'starting' && state !== 'ready'),
      );
      serving.set(name, {type, workers: [...(serving.get(name)?.workers ?? []), ...counted]});
    }
  }
  return serving;
}

function answers({state, heartbeatMs}: WorkerStatus, limitMs: number): boolean {
  return state === 'open' && (heartbeatMs === undefined || heartbeatMs < limitMs);
}
