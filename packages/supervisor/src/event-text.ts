import type {SupervisorEvent} from './supervise.ts';

/** What a person who watches is told; undefined for what the log of the worker says already. */
export function eventText(event: SupervisorEvent): string | undefined {
  if (event.type === 'supervisor:ready') return `${event.worker} is ready (pid ${event.pid})`;
  if (event.type === 'supervisor:opened') return `generation ${event.generation} takes traffic`;
  return undefined;
}
