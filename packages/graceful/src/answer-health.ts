import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Server} from 'node:net';
import {methodOf} from './method-of.ts';

/**
 * Answers one path in the app's place, before the app sees the request: for platforms that reach no other port.
 * @param passes false: 503
 */
export function answerHealth(server: Server, path: string, passes: () => boolean): void {
  const emit = methodOf<boolean>(server, 'emit');
  server.emit = function (this: Server, event: string | symbol, ...values: unknown[]) {
    const [request, response] = values as [IncomingMessage, ServerResponse];
    if (event !== 'request' || request.url?.split('?')[0] !== path) return emit.call(this, event, ...values);
    const pass = passes();
    response.writeHead(pass ? 200 : 503, {
      'content-type': 'application/health+json',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify({status: pass ? 'pass' : 'fail'}));
    return true;
  } as typeof server.emit;
}
