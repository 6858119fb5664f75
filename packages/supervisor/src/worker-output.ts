import type {Writable} from 'node:stream';
import {createTagger, type Tagger} from '@keelson/log-tagger';
import type {Child} from '@keelson/spawn';
import type {SlotEvent} from './slot.ts';

/** Where the output of workers goes, and what is said of them. */
export interface WorkerOutput {
  /** Resolves when the output of a worker was read to its end. Never rejects. */
  attach(tag: string, child: Child): Promise<void>;
  note(tag: string, event: SlotEvent): void;
}

/** To the logs; without any the lines go as they are to our own stdout and stderr, and nothing is said. */
export function workerOutput(logs: Tagger | undefined): WorkerOutput {
  const plain = (sink: Writable): Tagger => createTagger({sink, timestamps: 'none'});
  const out = logs ?? plain(process.stdout);
  const err = logs ?? plain(process.stderr);
  return {
    async attach(tag, child) {
      const shown = logs ? tag : '';
      await Promise.all([
        out.attach({tag: shown, stream: child.stdout, kind: 'out'}),
        err.attach({tag: shown, stream: child.stderr, kind: 'err'}),
      ]).catch(() => {}); // somebody closed the logs before us: the output is lost, the worker is not
    },
    note(tag, event) {
      const text = noteOf(event);
      if (text !== undefined) logs?.note(tag, text);
    },
  };
}

/** What the log of a worker says about what happened to it; undefined for what goes without saying. */
function noteOf(event: SlotEvent): string | undefined {
  if (event.type === 'exited') return event.because;
  if (event.type === 'not-ready') return `is not ready: it ${event.because}`;
  if (event.type === 'delayed') return `starts again in ${event.delayMs} ms`;
  return undefined;
}
