import {createInterface} from 'node:readline';
import type {Duplex} from 'node:stream';
import {moveRef} from '@keelson/git';
import {plainLines} from '../plain-lines.ts';
import type {PushVerdict} from './judge-push.ts';

/** What git's pre-receive hook knows (githooks(5)): the push is in quarantine and no ref has moved. */
export interface HookCall {
  /** Where the pack waits, a name in the repository's `objects`; undefined when none came (a deletion). */
  readonly quarantine?: string | undefined;
  readonly updates: readonly {readonly old: string; readonly new: string; readonly ref: string}[];
}

export interface HookLine {
  /** One line to the pusher's terminal. */
  readonly line: (text: string) => void;
}

export type Judge = (call: HookCall, reply: HookLine) => Promise<PushVerdict>;

const CALL_LINES_MAX = 10_000;
const UNREAD_BYTES_MAX = 1024 * 1024;

/**
 * The other end of the hooks of one push. `judge QUARANTINE`, the updates and an empty line ask for the verdict: lines for the pusher, then
 * `accepted` or `refused`. `move` asks for the report of proc-receive, after the branch was moved from where it was when it was judged.
 */
export async function talkWithHooks(connection: Duplex, gitDir: string, judge: Judge): Promise<void> {
  const say = (line: string) => {
    // A pusher that does not read must not fill our memory.
    if (connection.writable && connection.writableLength < UNREAD_BYTES_MAX) connection.write(`${line}\n`);
  };
  let call: {quarantine: string; updates: string[]} | undefined;
  let accepted: {call: HookCall; head: string} | undefined;
  const lines = createInterface({input: connection});
  // readline waits for an end, which one that is destroyed does not have.
  connection.once('close', () => lines.close());
  for await (const line of lines) {
    if (line.startsWith('judge ')) call = {quarantine: line.slice('judge '.length), updates: []};
    else if (line === 'move') say(accepted === undefined ? '' : await moveBranch(gitDir, accepted));
    else if (line !== '' && call !== undefined && call.updates.length < CALL_LINES_MAX)
      call.updates.push(line);
    else if (line === '' && call !== undefined) {
      const asked = callOf(call);
      call = undefined;
      const tell = (text: string) => plainLines(text).forEach((one) => say(`line ${one}`));
      const verdict = await judge(asked, {line: tell});
      if (verdict.accepted) accepted = {call: asked, head: verdict.head ?? ''};
      else tell(verdict.because);
      say(verdict.accepted ? 'accepted' : 'refused');
    }
  }
}

function callOf({
  quarantine,
  updates,
}: {
  readonly quarantine: string;
  readonly updates: readonly string[];
}): HookCall {
  return {
    quarantine: /^[\w-]+$/.test(quarantine) ? quarantine : undefined,
    updates: updates.map((update) => {
      const [old = '', next = '', ref = ''] = update.split(' ');
      return {old, new: next, ref};
    }),
  };
}

/** Moves the branch, and says so in the words of proc-receive (githooks(5)): pkt-lines. */
async function moveBranch(
  gitDir: string,
  {call, head}: {readonly call: HookCall; readonly head: string},
): Promise<string> {
  const [update] = call.updates;
  if (update === undefined) return '';
  const {old, ref} = update;
  const because = await moveRef({gitDir, ref}, {from: head, to: update.new}).catch((error: unknown) =>
    String(error),
  );
  if (because !== undefined) return packets([`ng ${ref} ${because.replaceAll('\n', ' ')}`]);
  return packets([`ok ${ref}`, ...(head === old.replace(/^0+$/, '') ? [] : [`option old-oid ${head}`])]);
}

function packets(lines: readonly string[]): string {
  const packet = (line: string) => `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, '0')}${line}`;
  return `${lines.map(packet).join('')}0000`;
}
