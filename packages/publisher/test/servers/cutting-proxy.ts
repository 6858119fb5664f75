import {once} from 'node:events';
import {connect, createServer, type AddressInfo, type Socket} from 'node:net';

/** A TCP proxy that breaks connections: each number is a count of bytes towards the server after which one is reset. */
export async function cuttingProxy(
  to: number,
  cuts: number[],
): Promise<AsyncDisposable & {readonly port: number; readonly left: readonly number[]}> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => (sockets.delete(socket), client.destroy(), far.destroy()));
    }
    let sent = 0;
    client.on('data', (part: Buffer) => {
      const cut = cuts[0];
      if (cut === undefined || sent + part.length <= cut) {
        sent += part.length;
        far.write(part);
        return;
      }
      cuts.shift();
      far.write(part.subarray(0, cut - sent), () => client.resetAndDestroy());
    });
    far.pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    left: cuts,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
