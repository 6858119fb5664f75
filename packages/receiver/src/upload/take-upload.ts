import type {Protocol, Reply, Verdict} from '../accept.ts';
import type {Desk} from '../desk.ts';
import {judge} from '../judge.ts';
import {lastAccepted} from '../last-accepted.ts';
import {tooLarge} from '../limits.ts';
import {forgetUploads, partialUpload, type PartialUpload} from './partial-upload.ts';

/** What a client wants to send. */
export interface Upload {
  readonly app: string;
  readonly protocol: Protocol;
  readonly by: string | undefined;
  /** `sha256-HEX` of the whole file, where the client says it: then a broken upload can be taken up again. */
  readonly digest: string | undefined;
}

/** A client's bytes, from one on. */
export interface UploadBody {
  readonly from: number;
  /** Size of the whole file; undefined when the client does not know. */
  readonly total: number | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Why bytes were not taken; HTTP's status says the kind. */
export interface NotTaken {
  readonly status: 400 | 409 | 413 | 507;
  readonly because: string;
}

export interface OpenUpload extends AsyncDisposable {
  /** The last upload of the app that was accepted was this file. */
  readonly already: boolean;
  /** Bytes that are here. */
  readonly size: number;
  /** Takes the bytes; undefined when the file is whole and what it should be. */
  take(body: UploadBody): Promise<NotTaken | undefined>;
  /** The verdict about the whole file. */
  judge(reply: Reply): Promise<Verdict>;
}

const underWay = new Set<string>();

/** Begins to take an upload; 'busy' while the same file is on its way already. Disposing keeps what a client may come back for. */
export async function openUpload(upload: Upload, desk: Desk): Promise<OpenUpload | 'busy'> {
  const {app, digest} = upload;
  const folder = await desk.folderOf(app);
  const file = partialUpload(folder.uploads, digest);
  if (underWay.has(file.path)) return 'busy';
  underWay.add(file.path);
  try {
    await forgetUploads(folder.uploads, underWay);
    const already = digest !== undefined && digest === (await lastAccepted(folder));
    const size = await file.size();
    let revision = digest ?? '';
    let keep = digest !== undefined;
    return {
      already,
      size,
      async take(body) {
        const failure = await takeBytes(file, body, desk.limitsOf(app).bodyBytes);
        if (failure !== undefined) return failure;
        const arrived = await file.digest();
        keep = false;
        if (digest !== undefined && arrived !== digest) {
          await file.remove();
          return {
            status: 400,
            because: `The file arrived with ${arrived}, not with ${digest}. Send it again.`,
          };
        }
        revision = arrived;
        return undefined;
      },
      async judge(reply) {
        const {by, protocol} = upload;
        const verdict = await judge({app, path: file.path, revision, protocol, by}, desk, reply);
        await file.remove(); // before the pusher knows
        return verdict;
      },
      async [Symbol.asyncDispose]() {
        underWay.delete(file.path);
        if (!keep) await file.remove();
      },
    };
  } catch (error) {
    underWay.delete(file.path);
    throw error;
  }
}

async function takeBytes(
  file: PartialUpload,
  {from, total, bytes}: UploadBody,
  limit: number,
): Promise<NotTaken | undefined> {
  if ((total ?? 0) > limit) return tooLarge(limit);
  const size = await file.size();
  if (from > size) return {status: 409, because: `Only ${size} bytes of it are here; send it from there on.`};
  const arrived = await file.append(from, limited(bytes, limit - from)).catch(async (error: unknown) => {
    const refusal = error instanceof TooMany ? tooLarge(limit) : noRoom(error);
    if (refusal === undefined) throw error;
    await file.remove();
    return refusal;
  });
  if (typeof arrived === 'object') return arrived;
  if (total !== undefined && arrived !== total)
    return {status: 400, because: `${arrived} of ${total} bytes arrived. Send the rest.`};
  return undefined;
}

/** What is on a full disk is of no use to whoever comes back for it, and in the way of all others. */
function noRoom(error: unknown): NotTaken | undefined {
  const {code = ''} = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined;
  return {status: 507, because: 'There is no room left on the disk of this receiver.'};
}

class TooMany extends Error {}

async function* limited(bytes: AsyncIterable<Uint8Array>, limit: number): AsyncIterable<Uint8Array> {
  let left = limit;
  for await (const chunk of bytes) {
    left -= chunk.length;
    if (left < 0) throw new TooMany();
    yield chunk;
  }
}
