import {once} from 'node:events';
import type {Server} from 'node:http';
import {setTimeout as delay} from 'node:timers/promises';
import type {RunningPush} from './desk.ts';

/** Takes no new connection and ends the running pushes: by waiting, then by asking, then by force. */
export async function finishPushes(
  server: Server | undefined,
  running: ReadonlySet<RunningPush>,
  {waitMs, closeMs}: {readonly waitMs: number; readonly closeMs: number},
): Promise<void> {
  const closed = server === undefined ? undefined : once(server, 'close');
  server?.close();
  server?.closeIdleConnections();
  const finished = async (ms: number) => {
    const timer = new AbortController();
    const all = Promise.allSettled([...running].map((push) => push.done));
    await Promise.race([all, delay(ms, undefined, {signal: timer.signal}).catch(() => {})]);
    timer.abort();
  };
  await finished(waitMs);
  for (const push of running) push.abort(new DOMException('the receiver closes', 'AbortError'));
  await finished(closeMs);
  await Promise.all([...running].map((push) => push.stop()));
  server?.closeAllConnections();
  await closed;
}
