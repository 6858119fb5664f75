import type {Socket} from 'node:net';

/** Node's own limit for all headers of a response. */
const MOST_HEADER_BYTES = 16 * 1024;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})[^\n]*\n/;

/**
 * Sends one GET in HTTP/1.1 and resolves with the status of its final response: `node:http` takes half a megabyte for that.
 * The body is read and thrown away, for a server that is cut off while it writes may complain.
 */
export function plainStatus(
  socket: Socket,
  {path, port}: {readonly path: string; readonly port: number},
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = '';
    const onAbort = (): void => void socket.destroy(new Error('it took too long'));
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const status = finalStatus(head);
      if (status === undefined && head.length <= MOST_HEADER_BYTES) return;
      socket.off('data', read).resume();
      if (status === undefined) socket.destroy(new Error('its headers have no end'));
      else if (Number.isNaN(status)) socket.destroy(new Error('what it says is not HTTP/1.1'));
      else resolve(status);
    };
    signal.addEventListener('abort', onAbort, {once: true});
    socket.on('data', read);
    socket.on('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      reject(new Error('it closed the connection'));
    });
    socket.write(
      `GET ${path.replace(/[^\x21-\x7e]/gu, encodeURIComponent)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: keelson-health\r\nConnection: close\r\n\r\n`,
    );
  });
}

/** Undefined until the status line has come, NaN for anything else; informational responses (RFC 9110, 15.2) go before the one that counts. */
function finalStatus(head: string): number | undefined {
  for (let rest = head; ;) {
    const [, digits] = STATUS_LINE.exec(rest) ?? [];
    if (digits === undefined) return rest.includes('\n') ? NaN : undefined;
    if (!digits.startsWith('1')) return Number(digits);
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    rest = rest.slice(end + 4);
  }
}
