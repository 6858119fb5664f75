import type {Verdict} from '../accept.ts';
import {plainLines} from '../plain-lines.ts';

// A pusher that does not read must not fill our memory.
const UNREAD_BYTES_MAX = 1024 * 1024;

/** Where lines of JSON go: a response, a socket. */
export interface Outlet {
  once(event: 'close', listener: () => void): unknown;
  readonly writable: boolean;
  readonly writableLength: number;
  write(text: string): unknown;
}

/** What became of an upload. */
export type UploadVerdict = Verdict & {
  readonly already?: boolean | undefined;
  readonly revision?: string | undefined;
};

/** What is said to a pusher that reads lines of JSON: `{"kind":"line"}` while it works, and `{"kind":"result"}` last. Empty lines between. */
export interface Talk {
  readonly line: (text: string) => void;
  readonly end: (verdict: UploadVerdict) => void;
}

/** @param stallMs how long the pusher, or a proxy on the way, may take a silent connection for a living one */
export function talkTo(outlet: Outlet, stallMs: number): Talk {
  const beat = setInterval(() => {
    if (outlet.writable && outlet.writableLength === 0) outlet.write('\n');
  }, stallMs / 4);
  outlet.once('close', () => clearInterval(beat));
  const tell = (message: object) => {
    if (outlet.writable) outlet.write(`${JSON.stringify(message)}\n`);
  };
  return {
    line(text) {
      if (outlet.writableLength > UNREAD_BYTES_MAX) return;
      for (const line of plainLines(text)) tell({kind: 'line', text: line});
    },
    end(verdict) {
      clearInterval(beat);
      tell({kind: 'result', ...resultOf(verdict)});
    },
  };
}

function resultOf(verdict: UploadVerdict): object {
  const revision = verdict.revision ?? '';
  if (verdict.accepted)
    return {result: verdict.already === true ? 'already-published' : 'published', revision};
  const because = plainLines(verdict.because).join('\n');
  return {result: 'refused', revision, because, ...(verdict.temporary === true ? {temporary: true} : {})};
}
