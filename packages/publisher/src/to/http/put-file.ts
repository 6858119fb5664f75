import {once} from 'node:events';
import {createReadStream} from 'node:fs';
import type {ClientRequest} from 'node:http';
import {setTimeout} from 'node:timers/promises';
import type {PublishOptions} from '../../publish.ts';
import type {Outcome} from '../../publication.ts';
import {readAnswer} from './read-answer.ts';
import type {There} from './look.ts';
import {ask, checksumHeaders, unreachable, type Upload} from './upload.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.tgz': 'application/gzip',
  '.gz': 'application/gzip',
  '.zst': 'application/zstd',
  '.tzst': 'application/zstd',
};

// How long a server may take to say whether it wants the body; many never say it.
const CONTINUE_MS = 1000;

/** PUTs the file, or what a receiver does not have of it yet. */
export async function putFile(
  upload: Upload,
  {offset = 0}: There,
  options: PublishOptions,
): Promise<Outcome> {
  const {file, where} = upload;
  const {signal} = options;
  const ending = /\.\w+$/.exec(file.path)?.[0] ?? '';
  const range =
    offset > 0 && offset < file.bytes
      ? {'Content-Range': `bytes ${offset}-${file.bytes - 1}/${file.bytes}`}
      : {};
  const from = 'Content-Range' in range ? offset : 0;
  const headers = {
    ...checksumHeaders(upload),
    'Content-Type': TYPES[ending] ?? 'application/x-tar',
    'Content-Length': file.bytes - from,
    ...(file.bytes > from && {Expect: '100-continue'}),
    ...range,
  };
  const send = (request: ClientRequest) => sendFrom(request, {upload, from, options});
  const response = await ask(upload, {method: 'PUT', headers, send}, options);
  try {
    return await readAnswer(response, where, options);
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(where, error) ?? error;
  } finally {
    response.destroy();
  }
}

async function sendFrom(
  request: ClientRequest,
  {
    upload: {file},
    from,
    options,
  }: {readonly upload: Upload; readonly from: number; readonly options: PublishOptions},
): Promise<void> {
  const {signal, onEvent} = options;
  let broken: unknown;
  request.on('error', (error) => (broken = error));
  const closed = new Promise((resolve) => request.once('close', resolve));
  if (file.bytes > from)
    await Promise.race([once(request, 'continue'), setTimeout(CONTINUE_MS, undefined, {ref: false})]);
  let done = from;
  for await (const chunk of createReadStream(file.path, {
    start: from,
    highWaterMark: 256 * 1024,
  }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    if (broken !== undefined) throw broken as Error;
    if (request.destroyed) return; // it was answered before the end
    if (!request.write(chunk)) await Promise.race([once(request, 'drain'), closed]);
    done += chunk.length;
    onEvent?.({type: 'publisher:sent', done, total: file.bytes});
  }
  request.end();
}
