import type {Readable, Writable} from 'node:stream';
import {createGunzip} from 'node:zlib';
import type {Child} from '@keelson/spawn';
import {answer, drained, type Http} from './answer.ts';
import type {Route} from './route.ts';

/** Why the body of a request could not be taken. */
export type BodyFailure = {readonly status: 400 | 413; readonly because: string} | 'gone';

/** Answers `info/refs`: the service's name where the protocol wants it, then what git says (gitprotocol-http(5), "Smart Server Response"). */
export async function advertise(http: Http, git: Child, route: Route): Promise<void> {
  const name = `git-${route.service}`;
  const packet = `# service=${name}\n`;
  const size = (packet.length + 4).toString(16).padStart(4, '0');
  // Version 2 begins with its own greeting (http-backend.c, get_info_refs).
  const version2 = route.service === 'upload-pack' && protocolOf(http) === 'version=2';
  const start = version2 ? '' : `${size}${packet}0000`;
  await give(http, git, {type: `application/x-${name}-advertisement`, start});
}

/** Runs one push or fetch. What the client could not send ends git; resolves when git has ended. */
export async function exchange(
  http: Http,
  git: Child,
  {service, bodyBytes}: {readonly service: Route['service']; readonly bodyBytes: number},
): Promise<void> {
  const giving = give(http, git, {type: `application/x-git-${service}-result`, start: ''});
  const failure = await feed(http, git.stdin!, bodyBytes);
  if (failure !== undefined) {
    await git.stop({graceMs: 2000});
    if (failure !== 'gone') answer(http, failure.status, failure.because);
  }
  await giving;
}

/** `Git-Protocol` of the request, for GIT_PROTOCOL; undefined for anything but the versions that exist. */
export function protocolOf({request}: Http): string | undefined {
  const header = String(request.headers['git-protocol'] ?? '');
  return /^version=[012]$/.test(header) ? header : undefined;
}

async function give(
  http: Http,
  git: Child,
  {type, start}: {readonly type: string; readonly start: string},
): Promise<void> {
  const {response} = http;
  const begin = () => {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(200, {'content-type': type, 'cache-control': 'no-cache'});
    if (start !== '') response.write(start);
  };
  git.stderr.resume();
  // To its end also when nobody listens any more: a push that was accepted goes on until its ref has moved.
  for await (const chunk of git.stdout as AsyncIterable<Buffer>) {
    begin();
    if (!response.destroyed && !response.writableEnded && !response.write(chunk)) await drained(response);
  }
  const {code} = await git.exited;
  if (response.headersSent || code === 0) {
    begin();
    response.end();
  } else if (!response.destroyed && !http.request.destroyed)
    answer(http, 400, 'git could not make anything of this request.');
}

async function feed(http: Http, stdin: Writable, bodyBytes: number): Promise<BodyFailure | undefined> {
  const {request} = http;
  const tooLarge = {status: 413, because: `A push may have ${bodyBytes} bytes here.`} as const;
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) return tooLarge;
  stdin.on('error', () => {}); // git ended before the body did: it says why on stdout
  let bytes = 0;
  try {
    for await (const chunk of decoded(http) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bodyBytes) return tooLarge;
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

/** The body, unpacked where git packed it (it does so with small requests). */
function decoded({request}: Http): NodeJS.ReadableStream {
  if (request.headers['content-encoding'] !== 'gzip')
    return request.iterator({destroyOnReturn: false}) as never;
  const unpacked: Readable = createGunzip();
  request.on('error', (error) => unpacked.destroy(error));
  request.on('aborted', () => unpacked.destroy(new RangeError('aborted')));
  return request.pipe(unpacked as never);
}
