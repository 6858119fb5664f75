import {once} from 'node:events';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';

/** Stands between a client and a receiver and keeps what passed: method, path and the bytes of each request's body. */
export async function countingProxy(
  target: string,
): Promise<
  AsyncDisposable & {readonly url: string; readonly seen: {readonly what: string; bytes: number}[]}
> {
  const {hostname, port} = new URL(target);
  const seen: {what: string; bytes: number}[] = [];
  const server = createServer((incoming, outgoing) => {
    const entry = {what: `${incoming.method} ${incoming.url}`, bytes: 0};
    seen.push(entry);
    incoming.on('data', (chunk: Buffer) => (entry.bytes += chunk.length));
    const {method, url: path, headers} = incoming;
    const passed = request({hostname, port, method, path, headers}, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
