import type {Verdict} from '../accept.ts';
import {plainLines} from '../plain-lines.ts';

// A pusher that does not read must not fill our memory.
const UNREAD_BYTES_MAX = 1024 * 1024;

/** Where lines of JSON go: a response, a socket. */
export interface Outlet {
  readonly writable: boolean;
  readonly writableLength: number;
  write(text: string): unknown;
}

/** What became of an upload. */
export type UploadVerdict = Verdict & {
  readonly already?: boolean | undefined;
  readonly revision?: string | undefined;
};

/** What is said to a pusher that reads lines of JSON: `{"kind":"line"}` while it works, and `{"kind":"result"}` last. */
export interface Talk {
  readonly line: (text: string) => void;
  readonly end: (verdict: UploadVerdict) => void;
}

export function talkTo(outlet: Outlet): Talk {
  const tell = (message: object) => {
    if (outlet.writable) outlet.write(`${JSON.stringify(message)}\n`);
  };
  return {
    line(text) {
      if (outlet.writableLength > UNREAD_BYTES_MAX) return;
      for (const line of plainLines(text)) tell({kind: 'line', text: line});
    },
    end: (verdict) => tell({kind: 'result', ...resultOf(verdict)}),
  };
}

function resultOf(verdict: UploadVerdict): object {
  const revision = verdict.revision ?? '';
  if (verdict.accepted)
    return {result: verdict.already === true ? 'already-published' : 'published', revision};
  const because = plainLines(verdict.because).join('\n');
  return {result: 'refused', revision, because, ...(verdict.temporary === true ? {temporary: true} : {})};
}
