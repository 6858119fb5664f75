import type {Duplex} from 'node:stream';

const MAX_MESSAGE_BYTES = 1024 * 1024;

/**
 * Our end of a Node child's IPC channel: "line delimited JSON objects" on NODE_CHANNEL_FD (child_process.fork, documented).
 * Node's own end throws an uncatchable error when the child writes anything else there, and buffers without limit.
 */
export interface IpcChannel {
  send(message: object): boolean;
  onMessage(listener: (message: unknown) => void): void;
  close(): void;
}

export function openIpcChannel(stream: Duplex): IpcChannel {
  const listeners: ((message: unknown) => void)[] = [];
  let pending = '';
  stream.setEncoding('utf8');
  stream.on('error', () => {}); // EPIPE, ECONNRESET: the child has closed its end
  stream.on('data', (text: string) => {
    const lines = (pending + text).split('\n');
    pending = lines.pop()!;
    if (pending.length > MAX_MESSAGE_BYTES) return stream.destroy();
    for (const line of lines) {
      const message = parseMessage(line);
      if (message !== undefined) for (const listener of listeners) listener(message);
    }
  });
  return {
    send(message) {
      if (!stream.writable) return false;
      stream.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    onMessage: (listener) => void listeners.push(listener),
    close: () => void stream.destroy(),
  };
}

/** Undefined for what is no message of the app: garbage, and Node's own `NODE_…` commands (handles, disconnecting). */
function parseMessage(line: string): unknown {
  try {
    const message: unknown = JSON.parse(line);
    const internal = (message as {cmd?: unknown} | null)?.cmd;
    return typeof internal === 'string' && internal.startsWith('NODE_') ? undefined : message;
  } catch {
    return undefined;
  }
}
