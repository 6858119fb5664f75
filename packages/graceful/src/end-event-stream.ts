import type {ServerResponse} from 'node:http';

/**
 * Whether a response that has begun is a stream of server-sent events. Of headers that went straight to `writeHead` only the text
 * that was sent tells (no public name; Node 20 to 26 agree on it).
 */
export function isEventStream(response: ServerResponse): boolean {
  const head: unknown = Reflect.get(response, '_header');
  return typeof head === 'string' && /^content-type: *text\/event-stream/im.test(head);
}

/**
 * Ends an event stream as a whole message. Its client comes back with `Last-Event-ID` (HTML, 9.2.3) and reaches whoever accepts
 * then. What the app still writes goes nowhere, until it hears of the connection's close; a write after the end would throw.
 */
export function endEventStream(response: ServerResponse): void {
  response.end();
  const goesNowhere = (values: readonly unknown[]): void => {
    const callback = values.findLast((value) => typeof value === 'function') as (() => void) | undefined;
    if (callback) process.nextTick(callback);
  };
  response.write = ((...values: unknown[]) => {
    goesNowhere(values);
    return true;
  }) as typeof response.write;
  response.end = ((...values: unknown[]) => {
    goesNowhere(values);
    return response;
  }) as typeof response.end;
}
