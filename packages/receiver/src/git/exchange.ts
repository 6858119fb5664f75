import {Transform, type Readable, type Writable} from 'node:stream';
import {createGunzip} from 'node:zlib';
import type {Child} from '@keelson/spawn';
import {answer, AT_ONCE, drained, type Http} from '../answer.ts';
import {tooLarge} from '../limits.ts';
import type {GitRoute} from './route.ts';

/** Why the body of a request could not be taken. */
export type BodyFailure = {readonly status: 400 | 413; readonly because: string} | 'gone';

/** Answers `info/refs`: the service's name where the protocol wants it, then what git says (gitprotocol-http(5), "Smart Server Response"). */
export async function advertise(http: Http, git: Child, route: Pick<GitRoute, 'service'>): Promise<void> {
  const name = `git-${route.service}`;
  const packet = `# service=${name}\n`;
  const size = (packet.length + 4).toString(16).padStart(4, '0');
  // Version 2 begins with its own greeting (http-backend.c, get_info_refs).
  const version2 = route.service === 'upload-pack' && protocolOf(http) === 'version=2';
  const given = begin(http, `application/x-${name}-advertisement`, version2 ? '' : `${size}${packet}0000`);
  await give(git, given);
  given.end((await git.exited).code);
}

export interface Exchange {
  readonly service: GitRoute['service'];
  readonly bodyBytes: number;
  /** Of the request, when something was read of it already. */
  readonly body?: AsyncIterable<Uint8Array> | undefined;
}

/** Runs one push or fetch. What the client could not send ends git; resolves when git has ended. */
export async function exchange(
  http: Http,
  git: Child,
  {service, bodyBytes, body = chunksOf(bodyOf(http))}: Exchange,
): Promise<void> {
  const given = begin(http, `application/x-git-${service}-result`, '');
  const giving = give(git, given);
  const failure = await feed({http, body}, git.stdin!, bodyBytes);
  if (failure !== undefined) await git.stop({graceMs: 2000});
  await giving;
  const {code} = await git.exited;
  if (failure === undefined) given.end(code);
  else if (failure !== 'gone') answer(http, failure.status, failure.because);
}

/** `Git-Protocol` of the request, for GIT_PROTOCOL; undefined for anything but the versions that exist. */
export function protocolOf({request}: Http): string | undefined {
  const header = String(request.headers['git-protocol'] ?? '');
  return /^version=[012]$/.test(header) ? header : undefined;
}

interface Given {
  /** Resolves when the client may be given more. */
  write(chunk: Uint8Array): Promise<void>;
  end(code: number | null): void;
}

/** A response of git; its status is open until git has said something. */
function begin(http: Http, type: string, start: string): Given {
  const {response} = http;
  const open = () => {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(200, {'content-type': type, ...AT_ONCE});
    if (start !== '') response.write(start);
  };
  return {
    async write(chunk) {
      open();
      if (!response.destroyed && !response.writableEnded && !response.write(chunk)) await drained(response);
    },
    end(code) {
      if (code === 0) {
        open();
        response.end();
      } else if (response.headersSent) {
        // Cut off and not ended: git waits forever for the rest of a response that seems complete.
        response.socket?.destroySoon();
      } else answer(http, 400, 'git could not make anything of this request.');
    },
  };
}

/** To its end also when nobody listens any more: a push that was accepted goes on until its ref has moved. */
async function give(git: Child, given: Given): Promise<void> {
  git.stderr.resume();
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) await given.write(chunk);
}

async function feed(
  {http, body}: {readonly http: Http; readonly body: AsyncIterable<Uint8Array>},
  stdin: Writable,
  bodyBytes: number,
): Promise<BodyFailure | undefined> {
  const {request} = http;
  stdin.on('error', () => {}); // git ended before the body did: it says why on stdout
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bodyBytes) return tooLarge(bodyBytes);
      if (!stdin.destroyed && !stdin.write(chunk)) await drained(stdin);
    }
  } catch (error) {
    return request.destroyed && !request.complete
      ? 'gone'
      : {status: 400, because: `The body is broken: ${(error as Error).message}`};
  }
  stdin.end();
  return undefined;
}

/** The body of a request, unpacked where git packed it (it does so with small ones). */
export function bodyOf({request}: Http): Readable {
  if (request.headers['content-encoding'] !== 'gzip') return request;
  const unpacked = createGunzip();
  request.on('error', (error) => unpacked.destroy(error));
  request.on('aborted', () => unpacked.destroy(new RangeError('aborted')));
  return request.pipe(unpacked);
}

function chunksOf(body: Readable): AsyncIterable<Uint8Array> {
  return body.iterator({destroyOnReturn: body instanceof Transform}) as AsyncIterable<Uint8Array>;
}
