import type {Tagger} from '@keelson/log-tagger';
import type {Child} from '@keelson/spawn';
import type {SlotEvent} from './slot.ts';

/** Hands a worker's output to the logs, or unchanged to our own. Resolves when it was read to its end. Never rejects. */
export async function attachOutput(tag: string, child: Child, logs: Tagger | undefined): Promise<void> {
  if (logs) {
    await Promise.all([
      logs.attach({tag, stream: child.stdout, kind: 'out'}),
      logs.attach({tag, stream: child.stderr, kind: 'err'}),
    ]).catch(() => {}); // somebody closed the logs before us: the output is lost, the worker is not
    return;
  }
  child.stdout.pipe(process.stdout, {end: false});
  child.stderr.pipe(process.stderr, {end: false});
  await Promise.all(
    [child.stdout, child.stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve))),
  );
}

/** What the log of a worker says about what happened to it; undefined for what goes without saying. */
export function noteOf(event: SlotEvent): string | undefined {
  if (event.type === 'exited') return event.because;
  if (event.type === 'not-ready') return `is not ready: it ${event.because}`;
  if (event.type === 'delayed') return `starts again in ${event.delayMs} ms`;
  return undefined;
}
