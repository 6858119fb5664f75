import {createSink, type Sink, type SinkEvent} from '@keelson/log-tagger';

/**
 * Destinations as `parseSink` of @keelson/log-tagger reads them.
 * Faults: those of `createSink`.
 */
export function openDestinations(
  to: readonly string[],
  onEvent: ((event: SinkEvent) => void) | undefined,
): Sink[] {
  return to.map((one) => createSink(one, {onEvent}));
}
