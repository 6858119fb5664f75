import {once} from 'node:events';
import {stat} from 'node:fs/promises';
import {createServer} from 'node:net';

/**
 * Runs something short that no other process does at the same time for the same file; `'busy'` when one just does.
 * A name in Linux's abstract socket namespace (unix(7)) can be bound once, and the kernel frees it when its owner dies.
 */
export async function withMutex<T>(path: string, action: () => Promise<T>): Promise<T | 'busy'> {
  const {dev, ino} = await stat(path);
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen({path: `\0keelson-mutex-${dev}-${ino}`, exclusive: true});
    await once(server, 'listening');
  } catch {
    return 'busy';
  }
  try {
    return await action();
  } finally {
    server.close();
    await once(server, 'close');
  }
}
