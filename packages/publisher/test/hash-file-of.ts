import {createHash} from 'node:crypto';
import type {Readable} from 'node:stream';

/** SHA-256 of a stream, in hex. */
export async function hashFileOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of stream as AsyncIterable<Buffer>) hash.update(part);
  return hash.digest('hex');
}
