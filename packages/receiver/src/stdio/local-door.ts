import {once} from 'node:events';
import {rm} from 'node:fs/promises';
import {createServer, type Socket} from 'node:net';
import type {Site} from '../handle-request.ts';
import {openDoorPath} from './door-path.ts';
import {serveLocal} from './serve-local.ts';

/** Where `keelson-receive --stdio` of an ssh session comes in: a unix socket that only this user reaches, so no token is asked for. */
export async function openLocalDoor(folder: string, site: Site): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const door = await openDoorPath(folder);
  const {path} = door;
  await rm(path, {force: true}); // of a receiver that was killed
  const server = createServer({allowHalfOpen: true}, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // the client went away
    serveLocal(socket, site).catch((error: unknown) => {
      site.desk.onEvent({type: 'receiver:failed', path: 'ssh', because: String(error)});
      socket.destroy();
    });
  });
  server.listen(path);
  await once(server, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(path, {force: true});
      await door[Symbol.asyncDispose]();
    },
  };
}
