import {Worker} from 'node:worker_threads';

const LONGEST_BEAT_MS = 500;

/**
 * From now on a thread watches the event loop of this one. When it has not turned for `limitMs`, the thread prints to stderr what
 * stands on the stack, also inside of a regular expression, and kills the process. Costs about 12 MB of memory.
 */
export function watchForHangs(limitMs: number): void {
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL('./hang-thread.js', import.meta.url), {
    workerData: {beats, limitMs},
    env: {},
    execArgv: [],
    stdout: false,
    stderr: false,
  });
  thread.unref();
  thread.on('error', () => {}); // without it hangs are not seen, and nothing else is worse
  setInterval(() => void Atomics.add(beats, 0, 1), Math.min(LONGEST_BEAT_MS, limitMs / 4)).unref();
}
