import {GitFault} from './fault.ts';

/** A line as git's protocols frame it (gitprotocol-common(5)): four hex digits of the length with themselves. */
export function packetOf(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}

export const FLUSH = '0000';

/** The packets of a stream; `undefined` is a flush. GIT_FAILED for what is none. */
export async function* packetsOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    for (let at = 0; ;) {
      const length = lengthAt(held, at);
      if (length === undefined || (length > 4 && held.length - at < length)) {
        held = held.subarray(at);
        break;
      }
      yield length < 4 ? undefined : held.subarray(at + 4, at + length);
      at += Math.max(length, 4);
    }
  }
  if (held.length > 0) throw new GitFault('GIT_UNREACHABLE', 'the answer was cut off', {temporary: true});
}

/** Undefined: not four bytes yet. */
function lengthAt(bytes: Buffer, at: number): number | undefined {
  if (bytes.length - at < 4) return undefined;
  const text = bytes.toString('latin1', at, at + 4);
  if (!/^[0-9a-f]{4}$/i.test(text) || text === '0003')
    throw new GitFault('GIT_FAILED', "the answer is not in git's protocol");
  return Number.parseInt(text, 16);
}
