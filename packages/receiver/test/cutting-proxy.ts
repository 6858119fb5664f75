import {once} from 'node:events';
import {connect, createServer, type AddressInfo} from 'node:net';

/** A TCP proxy in front of a URL that resets a connection after so many bytes from the client, counted over all of its connections. */
export async function cuttingProxy(url: string, after: number) {
  const {port} = new URL(url);
  let left = after;
  const server = createServer((client) => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk.subarray(0, Math.max(0, left)));
      left -= chunk.length;
      if (left > 0) return;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    });
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Bytes that the client would have sent beyond the cut; negative: it was never reached. */
    beyond: () => -left,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
