import type {IncomingMessage, ServerResponse} from 'node:http';

const DRAIN_MS = 5000;

/** A request and its response. */
export interface Http {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Ends a request with a sentence; git shows it to the user as a line of the remote. */
export function answer({request, response}: Http, status: number, because: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const text = Buffer.from(`${because}\n`);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': text.length,
    ...(status === 401 && {'www-authenticate': 'Basic realm="keelson", charset="UTF-8"'}),
  });
  if (request.complete) return void response.end(text);
  // The end of a response may close the connection. While the client still sends, that would reset it before the client has read.
  response.write(text);
  const drained = setTimeout(() => request.destroy(), DRAIN_MS);
  request.once('end', () => response.end());
  request.once('close', () => clearTimeout(drained));
  request.resume();
}

/** Headers of a response that is to reach the client as it is made: nginx, in front of us, would hold it back. */
export const AT_ONCE = {'cache-control': 'no-cache', 'x-accel-buffering': 'no'} as const;

/** Waits until a stream that said `write() === false` takes more, or will never. */
export async function drained(stream: NodeJS.WritableStream & {readonly destroyed?: boolean}): Promise<void> {
  if (stream.destroyed === true) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
  });
}

/** Waits until the client has been given a whole response, or is gone. */
export async function flushed(response: ServerResponse): Promise<void> {
  if (response.writableFinished || response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once('finish', resolve);
    response.once('close', resolve);
  });
}
