import {once} from 'node:events';
import type {Socket} from 'node:net';
import {servePack} from '@keelson/git';
import type {Child} from '@keelson/spawn';
import {drained} from '../answer.ts';
import {enlist, type Desk} from '../desk.ts';
import {READING} from '../git/serve-git.ts';
import {servePush} from '../git/serve-push.ts';
import {appsOf, type Site} from '../handle-request.ts';
import {DEFAULT_LIMITS} from '../limits.ts';
import {openUpload} from '../upload/take-upload.ts';
import {talkTo, type Talk, type UploadVerdict} from '../upload/talk.ts';
import {firstLine} from './first-line.ts';

/** What the client of an ssh session asks for, the first line of its connection. */
export type LocalRequest =
  | {
      readonly git: 'receive-pack' | 'upload-pack';
      readonly name: string;
      readonly protocol?: string | undefined;
    }
  | {readonly put: true};

/** One ssh session: git's own protocol, or an upload. */
export async function serveLocal(socket: Socket, site: Site): Promise<void> {
  const request = parse<LocalRequest>(await firstLine(socket));
  const put = request !== undefined && 'put' in request ? uploadOf(await firstLine(socket)) : undefined;
  const refuse = (because: string, temporary = false) => {
    talkTo(socket, DEFAULT_LIMITS.stallMs).end({accepted: false, because, temporary});
    socket.end();
  };
  if (request === undefined) return void socket.destroy();
  if ('put' in request && put === undefined)
    return refuse(
      'The first line must be {"kind":"put","protocol":1,"app":…,"fileDigest":"sha256-HEX","bytes":N}.',
    );
  const [kind, name] = 'git' in request ? (['git', request.name] as const) : (['put', put!.app] as const);
  if (appsOf({kind, name}, site) === undefined) return refuse('There is no such app here.');
  const talk = 'git' in request ? undefined : talkTo(socket, site.desk.limitsOf(name).stallMs);
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const leave = await site.crowd.enter(gone.signal);
  if (leave === undefined) return refuse('Too many pushes at the same time. Try again.', true);
  try {
    if ('git' in request) {
      socket.write('{"open":true}\n');
      await serveRepository(socket, request, site);
    } else await serveUpload(socket, put!, {talk: talk!, desk: site.desk});
  } finally {
    leave();
  }
}

function parse<T>(line: string | undefined): T | undefined {
  try {
    return JSON.parse(line ?? '') as T;
  } catch {
    return undefined;
  }
}

async function serveRepository(
  socket: Socket,
  {git: service, name, protocol}: Extract<LocalRequest, {git: string}>,
  {desk, repositoryOf, readableOf}: Site,
): Promise<void> {
  const {stallMs, bodyBytes} = desk.limitsOf(name);
  socket.setTimeout(stallMs, () => socket.destroy());
  const exchange = async (git: Child, body: AsyncIterable<Uint8Array>) => {
    git.stderr.resume();
    const feeding = feed(body, git, bodyBytes);
    await give(git, socket);
    socket.end();
    await feeding;
  };
  if (service === 'receive-pack') {
    // As over HTTP: first the refs, then the rest in a process of its own, which is told what kind of push it is.
    const repository = await repositoryOf(name);
    await using refs = await servePack({gitDir: repository.gitDir, service, advertise: true});
    await give(refs, socket);
    return servePush(
      {name, repository, by: undefined},
      {
        body: socket,
        exchange,
        complete: () => void socket.setTimeout(0),
        onGone: (listener) => socket.once('close', () => socket.writableFinished || listener()),
        flushed: () => ended(socket),
      },
      desk,
    );
  }
  await using git = await servePack({
    gitDir: await readableOf(name),
    service,
    advertise: false,
    stateless: false,
    config: READING,
    env: /^version=[012]$/.test(protocol ?? '') ? {GIT_PROTOCOL: protocol!} : {},
  });
  socket.once('close', () => void git.stop());
  await exchange(git, chunksOf(socket));
}

async function give(git: Child, socket: Socket): Promise<void> {
  for await (const chunk of git.stdout as AsyncIterable<Buffer>)
    if (!socket.destroyed && !socket.write(chunk)) await drained(socket);
  await git.exited;
}

async function feed(body: AsyncIterable<Uint8Array>, git: Child, bodyBytes: number): Promise<void> {
  const stdin = git.stdin!;
  stdin.on('error', () => {}); // git ended before the client did
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > bodyBytes) break;
      if (!stdin.destroyed && !stdin.write(chunk)) await drained(stdin);
    }
  } catch {
    // the client went away
  }
  if (bytes > bodyBytes) await git.stop();
  stdin.end();
}

async function ended(socket: Socket): Promise<void> {
  if (!socket.writableFinished && !socket.destroyed)
    await Promise.race([once(socket, 'finish'), once(socket, 'close')]);
}

interface Put {
  readonly app: string;
  readonly fileDigest: string;
  readonly bytes: number;
}

/** The offset, then the bytes from there on, lines while it works, and the result. */
async function serveUpload(
  socket: Socket,
  {app, fileDigest, bytes: total}: Put,
  {talk, desk}: {readonly talk: Talk; readonly desk: Desk},
): Promise<void> {
  const end = (verdict: UploadVerdict) => {
    talk.end({revision: fileDigest, ...verdict});
    socket.end();
  };
  socket.setTimeout(desk.limitsOf(app).stallMs, () => socket.destroy());
  const upload = await openUpload({app, digest: fileDigest, by: undefined, protocol: 'ssh'}, desk);
  if (upload === 'busy') return void socket.destroy(); // as a broken connection: the client comes again
  await using _ = upload;
  if (upload.already) return end({accepted: true, already: true});
  const given = new AbortController();
  let judging = false;
  const from = Math.min(upload.size, total);
  socket.write(`${JSON.stringify({kind: 'offset', offset: from})}\n`);
  const work = (async () => {
    const failure = await upload
      .take({from, total, bytes: counted(socket, total - from)})
      .catch((error: unknown) => {
        if (socket.destroyed) return {because: 'The client went away.'};
        throw error;
      });
    if (failure !== undefined) {
      const temporary = 'status' in failure && failure.status === 507;
      return end({accepted: false, because: failure.because, temporary});
    }
    judging = true;
    socket.setTimeout(0);
    socket.once('close', () => given.abort(new DOMException('the pusher went away', 'AbortError')));
    end(await upload.judge({line: talk.line, signal: given.signal}));
  })();
  enlist(desk.running, {
    done: work.then(() => ended(socket)).catch(() => {}),
    abort(reason) {
      given.abort(reason);
      if (!judging) socket.destroy(); // what has arrived stays for the next time
    },
    stop: async () => void socket.destroy(),
  });
  await work;
}

function uploadOf(line: string | undefined): Put | undefined {
  const said = parse<Partial<Put> & {protocol?: unknown}>(line) ?? {};
  const {app, fileDigest, bytes, protocol} = said;
  const good =
    protocol === 1 &&
    typeof app === 'string' &&
    /^sha256-[0-9a-f]{64}$/.test(String(fileDigest)) &&
    Number.isSafeInteger(bytes) &&
    bytes! >= 0;
  return good ? (said as Put) : undefined;
}

/** So many bytes of a stream that goes on, or fewer when it ends. */
async function* counted(socket: Socket, count: number): AsyncIterable<Uint8Array> {
  let left = count;
  if (left === 0) return;
  for await (const chunk of chunksOf(socket)) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

function chunksOf(socket: Socket): AsyncIterable<Buffer> {
  return socket.iterator({destroyOnReturn: false}) as AsyncIterable<Buffer>;
}
