import {createReadStream} from 'node:fs';
import type {IncomingMessage} from 'node:http';
import {connectionFailure} from '@keelson/source';
import type {PublishOptions} from '../../publish.ts';
import {ask, checksumHeaders, type Upload} from './upload.ts';

export interface There {
  /** The very bytes are there already. */
  readonly same: boolean;
  /** The store can take a file that it knows by its checksum alone. */
  readonly takesChecksums: boolean;
  /** Bytes of this upload that the receiver has from an earlier try; undefined: it is no receiver of ours. */
  readonly offset: number | undefined;
}

/** Asks what is at the URL already. */
export async function look(upload: Upload, options: PublishOptions): Promise<There> {
  const response = await ask(upload, {method: 'HEAD', headers: checksumHeaders(upload)}, options);
  response.destroy();
  const {statusCode, headers} = response;
  const server = String(headers.server ?? '');
  const takesChecksums =
    /artifactory/i.test(server) ||
    headers['x-jfrog-version'] !== undefined ||
    headers['x-artifactory-id'] !== undefined;
  const told = headers['keelson-offset'];
  const offset =
    typeof told === 'string' && /^\d{1,15}$/.test(told)
      ? Math.min(Number(told), upload.file.bytes)
      : undefined;
  if (statusCode !== 200) return {same: false, takesChecksums, offset};
  const sum = checksumOf(response);
  // A receiver of ours whose answer names no digest has something else there.
  const ofOurs = offset !== undefined;
  const same =
    sum === undefined
      ? !ofOurs &&
        Number(headers['content-length']) === upload.file.bytes &&
        (await sameBytes(upload, options))
      : `sha256-${sum}` === upload.file.fileDigest;
  return {same, takesChecksums, offset};
}

/** Hex, from whichever header tells it. */
function checksumOf({headers}: IncomingMessage): string | undefined {
  const hex = headers['x-checksum-sha256'];
  if (typeof hex === 'string') return hex.toLowerCase();
  const [, base64] =
    /\bsha-256=:?([A-Za-z0-9+/]+={0,2})/i.exec(
      `${String(headers['repr-digest'] ?? '')} ${String(headers['digest'] ?? '')}`,
    ) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString('hex');
}

/** A store that tells no checksum is read, up to the first difference: as much as sending the file again would take, at most. */
async function sameBytes(upload: Upload, options: PublishOptions): Promise<boolean> {
  const response = await ask(upload, {method: 'GET', headers: {'Accept-Encoding': 'identity'}}, options);
  const mine = createReadStream(upload.file.path, {highWaterMark: 1024 * 1024})[Symbol.asyncIterator]();
  let own: Buffer = Buffer.alloc(0);
  try {
    if (response.statusCode !== 200) return false;
    for await (let chunk of response as AsyncIterable<Buffer>)
      while (chunk.length > 0) {
        if (own.length === 0) own = ((await mine.next()).value as Buffer | undefined) ?? own;
        const length = Math.min(own.length, chunk.length);
        if (length === 0 || !own.subarray(0, length).equals(chunk.subarray(0, length))) return false;
        own = own.subarray(length);
        chunk = chunk.subarray(length);
      }
    return own.length === 0 && (await mine.next()).done === true;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (connectionFailure(error) !== undefined) return false;
    throw error;
  } finally {
    response.destroy();
    await mine.return?.();
  }
}
