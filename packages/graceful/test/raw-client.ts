import net from 'node:net';

/** One TCP connection that sees exactly what the server does with it. */
export interface RawClient {
  write(text: string): void;
  /** Resolves with the next complete response (Content-Length or chunked), rejects when the connection ends without one. */
  response(): Promise<{status: number; connection: string | undefined; body: string}>;
  /** Resolves when the other side has closed: how. */
  readonly closed: Promise<'end' | 'reset'>;
  destroy(): void;
}

export async function connect(target: net.NetConnectOpts): Promise<RawClient> {
  // Without a host Node asks for localhost, which may be ::1.
  const socket = net.connect({host: '127.0.0.1', ...target});
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let buffer = '';
  let how: 'end' | 'reset' | undefined;
  let wake = (): void => {};
  socket.setEncoding('latin1').on('data', (text: string) => {
    buffer += text;
    wake();
  });
  const closed = new Promise<'end' | 'reset'>((resolve) => {
    const end = (as: 'end' | 'reset'): void => {
      how ??= as;
      resolve(how);
      wake();
    };
    socket
      .on('end', () => end('end'))
      .on('error', () => end('reset'))
      .on('close', () => end('end'));
  });
  return {
    write: (text) => void socket.write(text),
    closed,
    destroy: () => void socket.destroy(),
    async response() {
      for (;;) {
        const found = takeResponse(buffer);
        if (found) {
          buffer = buffer.slice(found.length);
          return found;
        }
        if (how) throw new Error(`the connection ended (${how}) after ${JSON.stringify(buffer)}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

function takeResponse(text: string) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
  const connection = /^connection: *(.*)$/im.exec(head)?.[1]?.trim().toLowerCase();
  const start = end + 4;
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? -1);
  if (length >= 0) {
    if (text.length < start + length) return undefined;
    return {status, connection, body: text.slice(start, start + length), length: start + length};
  }
  if (status === 101) return {status, connection, body: '', length: start};
  const last = text.indexOf('0\r\n\r\n', start);
  return last < 0 ? undefined : {status, connection, body: text.slice(start, last), length: last + 5};
}

export const get = (path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
