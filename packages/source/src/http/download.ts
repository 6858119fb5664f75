import {createHash} from 'node:crypto';
import {open, rm, type FileHandle} from 'node:fs/promises';
import type {IncomingMessage} from 'node:http';
import {setTimeout} from 'node:timers/promises';
import {withoutCredentials} from '@keelson/git';
import type {StepOptions} from '@keelson/step';
import type {SourceEvent} from '../checkout.ts';
import {SourceFault} from '../fault.ts';
import type {HttpSource} from '../parse-source.ts';
import {connectionFailure, pauseAfter} from './connection-failure.ts';
import {getFollowing} from './get-following.ts';

export interface DownloadOptions extends StepOptions<SourceEvent> {
  /** Password or token, sent to the URL's own origin alone. Default what the URL or `.netrc` says. */
  readonly token?: string | undefined;
  /** Default 2 GiB. */
  readonly maxBytes?: number | undefined;
  /** Default 5. */
  readonly tries?: number | undefined;
  /** Silence after which a try is given up. Default 60 000. */
  readonly stallMs?: number | undefined;
}

export interface Download {
  readonly kind: 'download';
  readonly path: string;
  readonly bytes: number;
  /** `sha256-` and hex. */
  readonly fileDigest: string;
}

const MOST = 2 * 1024 ** 3;

/**
 * Brings a file over http(s) to `to`, which is new. Broken off, it goes on where it was, as long as the server still has the same file.
 * Faults: SOURCE_UNREACHABLE (temporary where that may help), SOURCE_AUTH, SOURCE_MISSING, SOURCE_TOO_LARGE, SOURCE_DIGEST.
 */
export async function download(
  source: HttpSource,
  to: string,
  options: DownloadOptions = {},
): Promise<Download> {
  const where = withoutCredentials(source.url);
  const {tries = 5, signal} = options;
  const file = await open(to, 'wx+', 0o600);
  const state: Partial = {bytes: 0, validator: undefined};
  try {
    for (let tried = 1; ; tried++) {
      const failure = await attempt(source, {file, state, where, options});
      if (failure === undefined) break;
      if (tried >= tries || !failure.temporary) throw failure;
      await setTimeout(pauseAfter(tried), undefined, {signal}).catch(() => signal?.throwIfAborted());
    }
    const fileDigest = await digestOf(file, signal);
    if (source.sha256 !== undefined && fileDigest !== `sha256-${source.sha256}`)
      throw new SourceFault(
        'SOURCE_DIGEST',
        `${where} has the digest ${fileDigest}, and not sha256-${source.sha256}`,
        {
          hint: 'It is not the file that was pinned: somebody replaced it, or the pin is of another one.',
        },
      );
    await file.close();
    return {kind: 'download', path: to, bytes: state.bytes, fileDigest};
  } catch (error) {
    await file.close();
    await rm(to, {force: true});
    signal?.throwIfAborted();
    throw error;
  }
}

/** What arrived so far, and by what the server knows that file. */
interface Partial {
  bytes: number;
  validator: string | undefined;
}

interface Attempt {
  readonly file: FileHandle;
  readonly state: Partial;
  readonly where: string;
  readonly options: DownloadOptions;
}

async function attempt(
  source: HttpSource,
  {file, state, where, options}: Attempt,
): Promise<SourceFault | undefined> {
  const {signal, onEvent, maxBytes = MOST} = options;
  try {
    const resumed = state.bytes > 0 && (state.validator !== undefined || source.sha256 !== undefined);
    const response = await getFollowing(new URL(source.url), {
      token: options.token,
      stallMs: options.stallMs,
      signal,
      headers: resumed
        ? {Range: `bytes=${state.bytes}-`, ...(state.validator && {'If-Range': state.validator})}
        : {},
    });
    const refusal = refusalOf(response, where);
    if (response.statusCode === 416) state.bytes = 0; // it became shorter: from the beginning
    if (refusal !== undefined) {
      response.destroy();
      return refusal;
    }
    const from = response.statusCode === 206 ? rangeStart(response) : 0;
    const validator = strong(response.headers.etag) ?? response.headers['last-modified'];
    // Not every server, nor cache on the way, looks at If-Range.
    const another = resumed && (validator ?? state.validator) !== (state.validator ?? validator);
    if (from !== state.bytes || another) state.bytes = 0;
    if (from > 0 && state.bytes === 0) {
      response.destroy();
      return unreachable(where, 'it sent another part than was asked for', true);
    }
    state.validator = validator;
    const length = Number(response.headers['content-length'] ?? Number.NaN);
    const total = Number.isNaN(length) ? undefined : state.bytes + length;
    if ((total ?? 0) > maxBytes) {
      response.destroy();
      throw tooLarge(where, maxBytes);
    }
    for await (const chunk of response as AsyncIterable<Buffer>) {
      if (state.bytes + chunk.length > maxBytes) throw tooLarge(where, maxBytes);
      await file.write(chunk, 0, chunk.length, state.bytes);
      state.bytes += chunk.length;
      onEvent?.({type: 'source:fetched', done: state.bytes, total: total ?? state.bytes});
    }
    await file.truncate(state.bytes);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    const failure = connectionFailure(error);
    if (failure === undefined) throw error;
    return unreachable(where, failure.because, failure.temporary, error);
  }
}

function refusalOf({statusCode = 0, statusMessage}: IncomingMessage, where: string): SourceFault | undefined {
  if (statusCode === 200 || statusCode === 206) return undefined;
  if (statusCode === 401 || statusCode === 403)
    return new SourceFault('SOURCE_AUTH', `${where} asks for credentials, or refuses ours (${statusCode})`, {
      hint: 'Put them into ~/.netrc, or into the URL.',
    });
  if (statusCode === 404 || statusCode === 410)
    return new SourceFault('SOURCE_MISSING', `there is no ${where} (${statusCode})`);
  const temporary = statusCode >= 500 || [408, 416, 425, 429].includes(statusCode);
  return unreachable(where, `it answers ${statusCode} ${statusMessage ?? ''}`.trim(), temporary);
}

function unreachable(where: string, because: string, temporary: boolean, cause?: unknown): SourceFault {
  return new SourceFault('SOURCE_UNREACHABLE', `cannot get ${where}: ${because}`, {temporary, cause});
}

function tooLarge(where: string, maxBytes: number): SourceFault {
  return new SourceFault('SOURCE_TOO_LARGE', `${where} has more than ${maxBytes} bytes`);
}

/** A weak tag does not promise the same bytes (RFC 9110, 8.8.1). */
function strong(etag: string | undefined): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

function rangeStart({headers}: IncomingMessage): number {
  return Number(/^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1] ?? -1);
}

async function digestOf(file: FileHandle, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let at = 0; ;) {
    signal?.throwIfAborted();
    const {bytesRead} = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return `sha256-${hash.digest('hex')}`;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
