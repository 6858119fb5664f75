import type {SupervisorEvent} from './supervise.ts';

/** What `keelson run` says on stderr about an event; undefined: nothing. What ends and starts again is in the log of the worker. */
export function runEventText(event: SupervisorEvent): string | undefined {
  if (event.type === 'supervisor:ready') return `${event.worker} is ready (pid ${event.pid})`;
  if (event.type === 'supervisor:opened') return `generation ${event.generation} takes traffic`;
  return undefined;
}
