import {spawn} from 'node:child_process';
import type {Writable} from 'node:stream';
import type {BinOptions} from './run-bin.ts';

export interface LaunchedBin extends AsyncDisposable {
  readonly pid: number;
  readonly stdin: Writable;
  /** What it printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The first whole line (of stdout, then of stderr; also one already printed) that matches. Fails when the program ends without it, or after `timeoutMs`, default 60 s. */
  line(pattern: string | RegExp, limit?: {readonly timeoutMs?: number}): Promise<string>;
  /** Signals the program, not its group: what a person or a service manager does. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended and its output is read. */
  readonly exited: Promise<{readonly code: number | null; readonly signal: NodeJS.Signals | null}>;
}

/** Starts a JavaScript program in a process group of its own; disposing kills what is left of the group. */
export function launchBin(
  program: string,
  argv: readonly string[] = [],
  options: BinOptions = {},
): LaunchedBin {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd: options.cwd,
    env: {...process.env, NO_COLOR: '1', NODE_OPTIONS: '', ...options.env},
    detached: true,
    stdio: 'pipe',
  });
  const printed = {stdout: '', stderr: ''};
  const waiting = new Set<() => void>();
  const tell = () => waiting.forEach((check) => check());
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
      tell();
    });
  child.stdin.on('error', () => {}); // EPIPE: the program does not read its input
  if (options.input !== undefined) child.stdin.end(options.input);

  let ended = false;
  const exited = new Promise<{code: number | null; signal: NodeJS.Signals | null}>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      ended = true;
      resolve({code, signal});
      tell();
    });
  });
  exited.catch(() => {}); // whoever awaits it sees the reason
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // the whole group is gone
    }
  };
  options.signal?.addEventListener('abort', killGroup, {once: true});
  if (options.signal?.aborted) killGroup();

  // The last line is whole only when a newline, or the end, has come.
  const wholeLines = (text: string) => (ended ? text : text.slice(0, text.lastIndexOf('\n') + 1)).split('\n');
  const find = (pattern: string | RegExp) =>
    [...wholeLines(printed.stdout), ...wholeLines(printed.stderr)].find((text) =>
      typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text),
    );

  return {
    pid: child.pid ?? -1,
    stdin: child.stdin,
    get stdout() {
      return printed.stdout;
    },
    get stderr() {
      return printed.stderr;
    },
    exited,
    kill: (signal) => void child.kill(signal),
    line: (pattern, {timeoutMs = 60_000} = {}) =>
      new Promise((resolve, reject) => {
        const because = (what: string) =>
          new Error(`${program} ${what} without printing ${pattern}\n${printed.stdout}${printed.stderr}`);
        const deadline = setTimeout(
          () => finish(() => reject(because(`was waited for ${timeoutMs / 1000} s`))),
          timeoutMs,
        );
        const finish = (settle: () => void) => {
          clearTimeout(deadline);
          waiting.delete(check);
          settle();
        };
        const check = () => {
          const found = find(pattern);
          if (found !== undefined) finish(() => resolve(found));
          else if (ended) finish(() => reject(because('ended')));
        };
        waiting.add(check);
        check();
      }),
    [Symbol.asyncDispose]: async () => {
      killGroup();
      options.signal?.removeEventListener('abort', killGroup);
      await exited.catch(() => {});
    },
  };
}
