import {Transform, type Readable} from 'node:stream';

/** A pkt-line's length and its first word (gitprotocol-pack(5): `shallow` lines come before the commands). */
const BYTES = 12;

/** Whether a push comes from a clone without history; and all of its body, of which the beginning was read. */
export async function isShallow(
  body: Readable,
): Promise<{readonly shallow: boolean; readonly body: AsyncIterable<Uint8Array>}> {
  // A request and a socket have still to be answered when nobody reads on; what unpacks them has not.
  const chunks = (body.iterator({destroyOnReturn: body instanceof Transform}) as AsyncIterable<Buffer>)[
    Symbol.asyncIterator
  ]();
  const seen: Buffer[] = [];
  let failure: unknown;
  try {
    while (Buffer.concat(seen).length < BYTES) {
      const {done, value} = await chunks.next();
      if (done === true) break;
      seen.push(value);
    }
  } catch (error) {
    failure = error; // for whoever reads the body
  }
  const shallow = Buffer.concat(seen).toString('latin1', 4, BYTES) === 'shallow ';
  const all = async function* () {
    try {
      yield* seen;
      if (failure !== undefined) throw failure;
      yield* {[Symbol.asyncIterator]: () => chunks};
    } finally {
      await chunks.return?.();
    }
  };
  return {shallow, body: all()};
}
