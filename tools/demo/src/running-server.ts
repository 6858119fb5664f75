import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {createServer, type AddressInfo} from 'node:net';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {askServer, type ServerStatus} from '@keelson/deploy';
import {launch} from '@keelson/spawn';
import {isFault} from '@keelson/step';
import {DemoFault} from './fault.ts';
import {keelsonBin, type Stage} from './stage.ts';

/** `keelson deploy serve` at work. */
export interface RunningServer {
  readonly pid: number;
  /** Where pushes arrive. */
  readonly url: string;
  readonly status: () => Promise<ServerStatus>;
  /** Lets every app drain, and ends. */
  stop(): Promise<void>;
}

interface Started {
  readonly pid: number;
  readonly ended: Promise<unknown>;
  kill(): void;
}

const START_MS = 20_000;
// Draining gives idle keep-alive connections their time, so the server may take its own.
const STOP_MS = 40_000;

/** Starts the server on free ports of loopback and waits until it answers. Its own output goes to `server.log`. */
export async function startServer(stage: Stage): Promise<RunningServer> {
  const log = join(stage.folder, 'server.log');
  const args = await serveArguments(stage.root);
  stage.command(['keelson', ...args]);
  // A shell redirects, so that the server can outlive us when it is to be kept.
  const argv = ['-c', 'exec "$@" >"$0" 2>&1', log, process.execPath, keelsonBin, ...args];
  const started = stage.keep ? startDetached(argv) : await startGuarded(argv, stage.signal);
  const status = () => askServer<ServerStatus>(stage.root, {method: 'GET', path: '/status'});
  const stop = async () => {
    started.kill();
    await Promise.race([started.ended, sleep(STOP_MS, undefined, {ref: false})]);
  };
  try {
    const {url} = await firstStatus(status, started, log);
    return {pid: started.pid, url, status, stop};
  } catch (error) {
    await stop();
    throw error;
  }
}

async function serveArguments(root: string): Promise<string[]> {
  const port = await freePort();
  const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const where = ['--root', root, '--listen', '127.0.0.1:0', '--app-port', String(port)];
  return ['deploy', 'serve', ...where, '--bake', '1', ...asRoot];
}

/** Ends with us, whatever happens to us. */
async function startGuarded(argv: readonly string[], signal: AbortSignal | undefined): Promise<Started> {
  signal?.throwIfAborted();
  const child = await launch({command: '/bin/sh', args: argv});
  return {pid: child.pid, ended: child.exited, kill: () => void child.stop({graceMs: STOP_MS})};
}

/** Goes on when we end. */
function startDetached(argv: readonly string[]): Started {
  const child = spawn('/bin/sh', argv, {detached: true, stdio: 'ignore'});
  child.unref();
  return {pid: child.pid!, ended: once(child, 'exit'), kill: () => void child.kill()};
}

async function firstStatus(
  status: () => Promise<ServerStatus>,
  started: Started,
  log: string,
): Promise<ServerStatus> {
  let ended = false;
  void started.ended.then(() => (ended = true));
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await status();
    } catch (error) {
      if (!isFault(error) || error.code !== 'SERVE_NOT_RUNNING') throw error;
      if (ended || Date.now() > deadline)
        throw new DemoFault('DEMO_UNEXPECTED', `the server did not start:\n${await readFile(log, 'utf8')}`, {
          cause: error,
        });
    }
    await sleep(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
