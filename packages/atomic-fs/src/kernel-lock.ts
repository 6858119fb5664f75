import {spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Socket} from 'node:net';

// The shell holds the open file, and thereby the lock, until its stdin ends: when we let go, or when we are no more.
// It ignores the terminal's signals, which we may want to survive too. 1 is flock(1)'s word for "held by another".
const SCRIPT = `
trap '' INT TERM HUP QUIT
command -v flock >/dev/null || exit 127
exec 9<>"$1" || exit 127
if [ "$2" = wait ]; then flock 9; else flock -n 9; fi
case $? in 0) ;; 1) exit 75 ;; *) exit 127 ;; esac
echo held
read -r _
`;

export interface KernelLock {
  release(): Promise<void>;
}

/** `'held'`: by another, for all of `waitMs`. `'absent'`: this machine or this file system has no flock. */
export async function takeKernelLock(
  path: string,
  {waitMs, signal}: {readonly waitMs: number; readonly signal: AbortSignal | undefined},
): Promise<KernelLock | 'held' | 'absent'> {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'keelson-lock', path, waitMs > 0 ? 'wait' : 'now'], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  stdin.on('error', () => {}); // EPIPE: it has ended by itself
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(127)); // no shell
  });

  const giveUp = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL'); // the waiting flock(1) too
    } catch {
      // it has just ended
    }
  };
  const timer = waitMs > 0 ? setTimeout(giveUp, waitMs) : undefined;
  signal?.addEventListener('abort', giveUp, {once: true});
  const answer = await Promise.race([once(stdout, 'data').then(() => 'taken' as const), ended]);
  clearTimeout(timer);
  signal?.removeEventListener('abort', giveUp);
  stdout.destroy();

  if (signal?.aborted) {
    giveUp();
    await ended;
    throw signal.reason;
  }
  if (answer !== 'taken') return answer === 127 ? 'absent' : 'held';
  child.unref();
  stdin.unref();
  return {
    async release() {
      child.ref();
      stdin.end();
      await ended;
    },
  };
}
