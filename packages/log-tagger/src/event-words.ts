import type {TaggerEvent} from './tagger-options.ts';
import type {SinkEvent} from './sinks/sink-options.ts';

/** What `keelson-tag` says of its destinations. */
export function eventWords(event: TaggerEvent | SinkEvent): string | undefined {
  switch (event.type) {
    case 'log-tagger:sink-failed':
      // The last failure of a stream is told by how we end.
      return event.final ? undefined : `${event.sink} cannot be written: ${event.because}; trying again`;
    case 'log-tagger:sink-recovered':
      return `${event.sink} is written again${event.dropped === 0 ? '' : `, without ${event.dropped} ${event.dropped === 1 ? 'line' : 'lines'}`}`;
    default:
      return `${event.sink}: ${event.type.slice(event.type.indexOf(':') + 1).replace('-', ' ')}: ${event.because}`;
  }
}
