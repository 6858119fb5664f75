import type {ForemanEvent} from './foreman-event.ts';

/** What we say about an event between the lines of the processes. */
export function noteOf(event: ForemanEvent): string | undefined {
  switch (event.type) {
    case 'foreman:started':
      return `${event.name} started with pid ${event.pid}${event.port === undefined ? '' : `, port ${event.port}`}`;
    case 'foreman:ready':
      return `${event.name} is ready`;
    case 'foreman:exited':
      return `${event.name} ${event.because}`;
    case 'foreman:delayed':
      return `${event.name} starts again in ${event.delayMs} ms`;
    case 'foreman:restarted':
      return `${event.name} is restarted: ${event.because}`;
    case 'foreman:stopped':
      return `${event.name} is stopped: ${event.because}`;
    case 'foreman:stopping':
      return `stopping: ${event.because}`;
    case 'foreman:killed':
      return `killing what is left: ${event.because}`;
    case 'foreman:noted':
      return event.line;
  }
}
