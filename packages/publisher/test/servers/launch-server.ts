import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {once} from 'node:events';
import {connect} from 'node:net';
import {until} from '@keelson/test-kit';

/** A real server in the foreground, in a process group of its own, up when its port or socket answers; killed when disposed. */
export async function launchServer(
  command: string,
  args: readonly string[],
  at: {readonly port?: number; readonly socket?: string; readonly env?: Readonly<Record<string, string>>},
): Promise<AsyncDisposable & {readonly pid: number; printed(): string}> {
  const env = {...process.env, ...at.env};
  const child = spawn(command, args, {detached: true, stdio: ['ignore', 'pipe', 'pipe'], env});
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(-20_000)));
  const exited = once(child, 'exit');
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid!, 'SIGKILL');
      await exited;
    }
  };
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new TypeError(`${command} ended: ${text}`);
      return at.socket === undefined ? await answers(at.port!) : existsSync(at.socket);
    });
  } catch (error) {
    await kill();
    throw error;
  }
  return {pid: child.pid!, printed: () => text, [Symbol.asyncDispose]: kill};
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
