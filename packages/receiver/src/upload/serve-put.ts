import type {ServerResponse} from 'node:http';
import {answer, AT_ONCE, flushed, type Http} from '../answer.ts';
import type {Reply} from '../accept.ts';
import {enlist, type Desk} from '../desk.ts';
import {plainLines} from '../plain-lines.ts';
import {saidDigest} from './content-digest.ts';
import {partOf, type Part} from './content-range.ts';
import {openUpload, type OpenUpload} from './take-upload.ts';
import {talkTo, type UploadVerdict} from './talk.ts';

/** One HTTP PUT of a tarball; or, with HEAD, the question how much of it is here already. */
export async function servePut(
  http: Http,
  {app, by}: {readonly app: string; readonly by: string | undefined},
  desk: Desk,
): Promise<void> {
  const {headers, method} = http.request;
  const digest = saidDigest(headers);
  if (digest === false)
    return answer(http, 400, 'Keelson-Upload, Repr-Digest or X-Checksum-Sha256 holds no sha-256.');
  const part = partOf(headers['content-range'], headers['content-length']);
  if (part === undefined || (part.from > 0 && digest === undefined))
    return answer(
      http,
      400,
      'Content-Range must be bytes FROM-LAST/TOTAL up to the end of the file, with its Repr-Digest.',
    );
  if (method === 'HEAD' && !desk.isThere(app)) return tellSize(http, {already: false, size: 0}, digest);
  const upload = await openUpload({app, digest, by, protocol: 'http'}, desk);
  if (upload === 'busy') {
    http.response.setHeader('retry-after', '2');
    return answer(http, 503, 'This file is on its way here by another connection.');
  }
  await using _ = upload;
  if (method === 'HEAD') return tellSize(http, upload, digest);
  const {stallMs} = desk.limitsOf(app);
  if (upload.already) return tellerFor(http, stallMs).end({accepted: true, already: true, revision: digest});
  await takeAndJudge(http, {upload, part, stallMs}, desk);
}

/** `Keelson-Offset`: bytes of this file that are here. 200 when it is what was accepted last, then with its digest; else 404. */
function tellSize(
  {response}: Http,
  {already, size}: Pick<OpenUpload, 'already' | 'size'>,
  digest: string | undefined,
): void {
  response.setHeader('keelson-offset', String(already ? 0 : size));
  if (already) {
    const base64 = Buffer.from(digest!.slice('sha256-'.length), 'hex').toString('base64');
    response.setHeader('repr-digest', `sha-256=:${base64}:`);
  }
  response.writeHead(already ? 200 : 404).end();
}

async function takeAndJudge(
  http: Http,
  {upload, part, stallMs}: {readonly upload: OpenUpload; readonly part: Part; readonly stallMs: number},
  desk: Desk,
): Promise<void> {
  const {request, response} = http;
  const given = new AbortController();
  let judging = false;
  const work = async () => {
    const bytes = request.iterator({destroyOnReturn: false}) as AsyncIterable<Uint8Array>;
    const failure = await upload.take({...part, bytes}).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return undefined;
      throw error;
    });
    if (!request.complete && failure === undefined) return; // the client is gone
    if (failure !== undefined) return answer(http, failure.status, failure.because);
    request.setTimeout(0);
    judging = true;
    response.once('close', () => {
      if (!response.writableFinished) given.abort(new DOMException('the pusher went away', 'AbortError'));
    });
    const {line, end} = tellerFor(http, stallMs);
    end(await upload.judge({line, signal: given.signal}));
  };
  const worked = work();
  enlist(desk.running, {
    done: worked.then(() => flushed(response)).catch(() => {}),
    abort(reason) {
      given.abort(reason);
      if (!judging) request.destroy();
    },
    async stop() {
      request.destroy();
      response.destroy();
    },
  });
  await worked;
}

interface Telling extends Pick<Reply, 'line'> {
  readonly end: (verdict: UploadVerdict) => void;
}

/** A client of ours reads lines as they come. */
function tellerFor(http: Http, stallMs: number): Telling {
  const {accept, 'keelson-upload': ours} = http.request.headers;
  return ours !== undefined || accept === 'application/x-ndjson'
    ? tellAtOnce(http, stallMs)
    : tellAtEnd(http);
}

function tellAtOnce({response}: Http, stallMs: number): Telling {
  response.writeHead(200, {'content-type': 'application/x-ndjson', ...AT_ONCE});
  response.flushHeaders();
  const {line, end} = talkTo(response, stallMs);
  return {
    line,
    end(verdict) {
      end(verdict);
      response.end();
    },
  };
}

const LINES_KEPT = 1000;

/** For clients as curl: the status is the verdict. */
function tellAtEnd(http: Http): Telling {
  const lines: string[] = [];
  return {
    line(text) {
      lines.push(...plainLines(text));
      if (lines.length > LINES_KEPT) lines.splice(0, lines.length - LINES_KEPT);
    },
    end(verdict) {
      if (!verdict.accepted) lines.push(...plainLines(verdict.because));
      else lines.push(verdict.already === true ? 'It was accepted already.' : 'Accepted.');
      answer(http, statusOf(verdict, http.response), lines.join('\n'));
    },
  };
}

function statusOf(verdict: UploadVerdict, response: ServerResponse): number {
  if (verdict.accepted) return verdict.already === true ? 200 : 201;
  if (verdict.temporary !== true) return 422;
  response.setHeader('retry-after', '5');
  return 503;
}
