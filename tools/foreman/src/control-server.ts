import {existsSync} from 'node:fs';
import {chmod, rm} from 'node:fs/promises';
import {connect, createServer, type Server, type Socket} from 'node:net';
import {dirname} from 'node:path';
import {umask} from 'node:process';
import {ForemanFault} from './fault.ts';
import {MAX_SOCKET_BYTES} from './control-path.ts';
import {
  MAX_REQUEST_BYTES,
  parseRequest,
  readLines,
  type ControlAnswer,
  type ControlRequest,
} from './control-protocol.ts';

const REQUEST_MS = 5000;
const FAREWELL_MS = 500;
const MAX_CONNECTIONS = 64;

/** Answers a request on its connection; what it resolves with is the last line. */
export type ControlHandler = (request: ControlRequest, socket: Socket) => Promise<ControlAnswer | undefined>;

export interface ControlServer extends AsyncDisposable {
  readonly path: string;
}

/** Listens on a unix socket of mode 0600, in the place of one whose runner is gone. Throws FOREMAN_CONTROL. */
export async function listenForControl(path: string, handle: ControlHandler): Promise<ControlServer> {
  if (Buffer.byteLength(path) > MAX_SOCKET_BYTES)
    throw new ForemanFault(
      'FOREMAN_CONTROL',
      `the path of a control socket has at most ${MAX_SOCKET_BYTES} bytes: ${path}`,
      {
        hint: 'Name a shorter one with --control.',
      },
    );
  const connections = new Set<Socket>();
  const server = createServer({allowHalfOpen: true}, (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    void answer(socket, handle);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, path);
  server.on('error', () => {}); // EMFILE while accepting: that one is lost, the next may not be
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve)); // removes the file, too
      for (const socket of connections) {
        socket.end();
        setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
      }
      await closed;
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const error = await tryListen(server, path);
    if (error === undefined) return chmod(path, 0o600);
    const {code} = error as NodeJS.ErrnoException;
    // libuv says EACCES where bind(2) says ENOENT.
    const because = existsSync(dirname(path)) ? error.message : 'there is no such folder';
    if (code !== 'EADDRINUSE')
      throw new ForemanFault('FOREMAN_CONTROL', `cannot listen on ${path}: ${because}`, {cause: error});
    if (attempt > 0 || (await isAnswered(path)))
      throw new ForemanFault('FOREMAN_CONTROL', `another runner listens on ${path}`, {
        hint: 'Stop it, or name another socket with --control.',
      });
    await removeSocket(path);
  }
}

function tryListen(server: Server, path: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: Error) => {
      server.off('listening', settle).off('error', settle);
      resolve(error);
    };
    server.once('listening', settle).once('error', settle);
    // bind(2) happens in this very call: nobody else can connect, not even before chmod.
    const before = umask(0o177);
    try {
      server.listen(path);
    } finally {
      umask(before);
    }
  });
}

/** Only a socket whose listener has gone refuses. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', ({code}: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
    socket.once('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function removeSocket(path: string): Promise<void> {
  const {lstat} = await import('node:fs/promises');
  const stats = await lstat(path).catch(() => undefined);
  if (stats !== undefined && !stats.isSocket())
    throw new ForemanFault('FOREMAN_CONTROL', `${path} is there, and no socket`, {
      hint: 'Name another path with --control.',
    });
  await rm(path, {force: true});
}

/** One request, one answer. Whatever the peer does, it concerns nobody else. */
async function answer(socket: Socket, handle: ControlHandler): Promise<void> {
  socket.on('error', () => socket.destroy());
  const line = await requestLine(socket);
  const request = line === undefined ? undefined : parseRequest(line);
  const last = request === undefined ? notUnderstood : await handle(request, socket).catch(failed);
  if (last !== undefined && socket.writable) socket.write(`${JSON.stringify(last)}\n`);
  socket.end();
}

function requestLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const settle = (line?: string) => {
      clearTimeout(timer);
      resolve(line);
    };
    const timer = setTimeout(settle, REQUEST_MS);
    readLines(socket, MAX_REQUEST_BYTES, {line: settle, tooLong: () => settle()});
    socket.once('end', () => settle()).once('close', () => settle());
  });
}

const notUnderstood: ControlAnswer = {
  ok: false,
  code: 'FOREMAN_CONTROL',
  message: 'the runner does not understand this request',
  hint: 'Is it of another version? Restart it.',
};

function failed(error: unknown): ControlAnswer {
  const {code = 'FOREMAN_CONTROL', message, hint} = error as Partial<ForemanFault>;
  return {ok: false, code, message: message ?? String(error), hint};
}
