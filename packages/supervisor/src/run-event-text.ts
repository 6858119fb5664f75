import type {SinkEvent, TaggerEvent} from '@keelson/log-tagger';
import type {SupervisorEvent} from './supervise.ts';

export type RunEvent = SupervisorEvent | TaggerEvent | SinkEvent;

export const isOfSupervisor = (event: {readonly type: string}): event is SupervisorEvent =>
  event.type.startsWith('supervisor:');

/**
 * What `keelson run` says on stderr about an event; undefined: nothing of its own. What ends and starts again is in the log of the
 * worker.
 */
export function runEventText(event: RunEvent): string | undefined {
  if (event.type === 'log-tagger:sink-failed' && event.final)
    return `${event.sink} takes no more lines (${event.because}): they are lost, and the workers serve on`;
  if (event.type === 'supervisor:ready') return `${event.worker} is ready (pid ${event.pid})`;
  if (event.type === 'supervisor:opened') return `generation ${event.generation} takes traffic`;
  return undefined;
}
