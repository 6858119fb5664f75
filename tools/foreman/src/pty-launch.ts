import {closeSync, constants, openSync, readSync} from 'node:fs';
import type {SocketConstructorOpts} from 'node:net';
import {ReadStream} from 'node:tty';
import {launch} from '@keelson/spawn';
import {ForemanFault} from './fault.ts';
import {TerminalOutput} from './pty-output.ts';
import type {Launcher} from './running-process.ts';

/** The window that the processes are shown in. */
export interface TerminalWindow {
  /** Columns and rows as they are now; undefined when there is none. */
  size(): readonly [columns: number, rows: number] | undefined;
  onResize(listener: () => void): void;
}

// The first process of a session makes the terminal that it opens the one of the session: then Ctrl-C, SIGWINCH and
// SIGHUP come from it, and /dev/tty is there. `launch` has begun the session; an inherited descriptor alone would not do.
const SCRIPT = 'exec 0<>"$1" 1>&0 2>&0 3>&-; exec /bin/sh -c "$2" sh';
const DEFAULT_SIZE = [80, 24] as const;

/** Starts each process in a terminal of its own, in a group that ends as it would without. Throws FOREMAN_NO_PTY. */
export async function terminalLauncher(window: TerminalWindow): Promise<Launcher> {
  const native = await loadNative();
  const masters = new Set<number>();
  window.onResize(() => {
    for (const master of masters) native.resize(master, ...(window.size() ?? DEFAULT_SIZE));
  });
  return async ({command, cwd, env, graceMs}) => {
    const {master, slave, pty: path} = native.open(...(window.size() ?? DEFAULT_SIZE));
    // Opened again, the descriptor is closed in every child but ours: one more that held it would hold its end up.
    const terminal = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
    closeSync(slave);
    const output = new TerminalOutput(readTerminal(master), () => readRest(master));
    masters.add(master);
    output.once('close', () => masters.delete(master));
    const args = ['-c', SCRIPT, 'sh', path, command];
    try {
      const spec = {
        command: '/bin/sh',
        args,
        cwd,
        env: {TERM: 'xterm-256color', ...env},
        descriptors: [terminal],
      };
      const child = await launch(spec, {graceMs});
      child.stdout.resume(); // closed by the script
      child.stderr.resume();
      void child.exited.then(() => child.stop()).then(() => output.endWhenQuiet());
      return {...child, stdout: output, stderr: undefined};
    } catch (error) {
      output.destroy();
      throw error;
    } finally {
      closeSync(terminal);
    }
  };
}

/** Half open, so that the descriptor is still there when the end has come. */
function readTerminal(master: number): ReadStream {
  const options: SocketConstructorOpts = {allowHalfOpen: true};
  return new ReadStream(master, options);
}

function readRest(master: number): Buffer {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(8192);
    try {
      const length = readSync(master, part);
      if (length === 0) break;
      parts.push(part.subarray(0, length));
    } catch {
      break; // EIO: that was all
    }
  }
  return Buffer.concat(parts);
}

async function loadNative() {
  try {
    return (await import('@lydell/node-pty/requireBinary.js')).requireBinary('pty.node');
  } catch (error) {
    throw new ForemanFault('FOREMAN_NO_PTY', '--pty needs @lydell/node-pty, which is not installed', {
      hint: 'npm install @lydell/node-pty (an optional dependency: was it left out by --omit=optional?)',
      cause: error,
    });
  }
}
