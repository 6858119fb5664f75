import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';

import type {CommandSpec} from './command-spec.ts';
import {newlineFrameEnd} from './frames.ts';
import {sinkError} from './sink-error.ts';
import type {SinkOptions} from './sink-options.ts';
import {StreamSink, type Connection} from './stream-sink.ts';
import type {Sink} from '../sink.ts';

export interface CommandSinkOptions extends SinkOptions {
  /** Default: what the first word of the command is. */
  readonly name?: string | undefined;
  readonly format?: Sink['format'];
}

const WAIT_MS = 5000;
/** A command that is not there, or does not like its arguments, has ended by then. */
const START_MS = 100;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Lines to the stdin of a command, in a process group of its own: the end of its input ends it, and not the terminal's
 * Ctrl-C. What it prints goes where ours does. Started again when it dies, later each time.
 */
export function commandSink(spec: CommandSpec, options: CommandSinkOptions = {}): Sink {
  const {command, wait: waitMs = WAIT_MS} = spec;
  const [file, args] =
    typeof command === 'string' ? ['/bin/sh', ['-c', command]] : [command[0], command.slice(1)];
  const name = options.name ?? `|${nameOf(command)}`;
  const pauses = pausesBetweenStarts();
  return new StreamSink({
    name,
    format: options.format,
    frameEnd: newlineFrameEnd,
    waitMs,
    patienceMs: Infinity, // a slow command is not ours to kill
    async connect(lost) {
      pauses.check();
      const child = spawn(file, args, {stdio: ['pipe', 'inherit', 'inherit'], detached: true});
      return await connectionOf(child, {
        waitMs,
        lost(because) {
          pauses.ended(because);
          options.onEvent?.({type: 'log-tagger:command-ended', sink: name, because});
          lost(sinkError('EPIPE', `it ${because}`));
        },
      });
    },
  });
}

function connectionOf(
  child: ChildProcess,
  {waitMs, lost}: {readonly waitMs: number; readonly lost: (because: string) => void},
): Promise<Connection> {
  const stdin = child.stdin!;
  stdin.on('error', () => {}); // told by the write
  const exited = once(child, 'exit').catch(() => {});
  return new Promise((resolve, reject) => {
    let closing = false;
    const fail = (because: string, error = sinkError('EPIPE', `it ${because}`)) => {
      clearTimeout(starting);
      reject(error);
      if (!closing) lost(because);
    };
    child.once('error', (error) => fail(error.message, error));
    child.once('exit', (code, signal) => fail(`ended with ${signal ?? code}`));
    stdin.once(
      'close',
      () => child.exitCode === null && child.signalCode === null && fail('has closed its input'),
    );
    const starting = setTimeout(
      () =>
        resolve({
          stream: stdin,
          destroy: () => kill(child, 'SIGTERM'),
          async close() {
            closing = true;
            stdin.end();
            const giveUp = setTimeout(() => kill(child, 'SIGTERM'), waitMs);
            const kills = setTimeout(() => kill(child, 'SIGKILL'), 2 * waitMs);
            if (child.exitCode === null && child.signalCode === null) await exited;
            clearTimeout(giveUp);
            clearTimeout(kills);
          },
        }),
      START_MS,
    );
  });
}

/** One second after the first death, twice as long after each further one; a life longer than its pause counts as good. */
function pausesBetweenStarts(): {
  readonly check: () => void;
  readonly ended: (because: string) => void;
} {
  let pauseMs = 0;
  let startedAt = -Infinity;
  let notBefore = -Infinity;
  let lastReason = '';
  return {
    check() {
      const now = performance.now();
      if (now < notBefore)
        throw sinkError(
          'EAGAIN',
          `it ${lastReason}, and is started again in ${Math.ceil((notBefore - now) / 1000)} s`,
        );
      startedAt = now;
    },
    ended(because) {
      lastReason = because;
      const now = performance.now();
      const good = now - startedAt > Math.max(pauseMs, LONGEST_PAUSE_MS / 2);
      pauseMs = good ? FIRST_PAUSE_MS : Math.min(Math.max(2 * pauseMs, FIRST_PAUSE_MS), LONGEST_PAUSE_MS);
      notBefore = now + pauseMs;
    },
  };
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // the group is gone
  }
}

/** A line may hold secrets behind its first word, or in front of it (`TOKEN=… curl`). */
function nameOf(command: CommandSpec['command']): string {
  const first = typeof command === 'string' ? command.trim().split(/\s/)[0]! : command[0];
  return /^[\w./-]+$/.test(first) ? first : 'sh';
}
