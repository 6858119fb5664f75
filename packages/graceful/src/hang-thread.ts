/** The thread of `watchForHangs`: it lives beside an app whose event loop may stand still. */
import {writeSync} from 'node:fs';
import {Session} from 'node:inspector';
import {setTimeout as sleep} from 'node:timers/promises';
import {workerData} from 'node:worker_threads';

interface Frame {
  readonly functionName: string;
  readonly location: {readonly scriptId: string; readonly lineNumber: number; readonly columnNumber?: number};
}

const STACK_MS = 1000;
const MOST_FRAMES = 50;
const {beats, limitMs} = workerData as {readonly beats: Int32Array; readonly limitMs: number};

void (async () => {
  const pauseMs = Math.max(10, limitMs / 8);
  for (let seen = -1, since = performance.now(), before = since; ;) {
    await sleep(pauseMs);
    const now = performance.now();
    const beat = Atomics.load(beats, 0);
    // All of us stood still (SIGSTOP, a suspended machine): that is no hang.
    if (beat !== seen || now - before > pauseMs + limitMs / 2) {
      seen = beat;
      since = now;
    }
    before = now;
    if (now - since >= limitMs) return await end(now - since);
  }
})();

async function end(ms: number): Promise<void> {
  const frames = await Promise.race([stack().catch(() => []), sleep(STACK_MS, [] as string[])]);
  const where = frames.length > 0 ? frames : ['    at nobody knows: it does not run JavaScript'];
  const text = [`The event loop has stood still for ${(ms / 1000).toFixed(1)} s, here:`, ...where, ''].join(
    '\n',
  );
  try {
    writeSync(2, text);
  } catch {
    // EAGAIN: nobody reads our output
  }
  process.kill(process.pid, 'SIGKILL');
}

function stack(): Promise<string[]> {
  return new Promise((resolve) => {
    const session = new Session();
    session.connectToMainThread();
    const urls = new Map<string, string>();
    session.on('Debugger.scriptParsed', ({params}) => void urls.set(params.scriptId, params.url));
    session.on('Debugger.paused', ({params}) => {
      const frames = params.callFrames as unknown as readonly Frame[];
      resolve(frames.slice(0, MOST_FRAMES).map((frame) => lineOf(frame, urls)));
    });
    session.post('Debugger.enable', () => session.post('Debugger.pause'));
  });
}

function lineOf({functionName, location}: Frame, urls: ReadonlyMap<string, string>): string {
  const url = urls.get(location.scriptId) ?? 'unknown';
  const place = `${url}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
  return `    at ${functionName === '' ? place : `${functionName} (${place})`}`;
}
