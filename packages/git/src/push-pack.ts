import {createReadStream} from 'node:fs';
import type {StepOptions} from '@keelson/step';
import {GitFault} from './fault.ts';
import {FLUSH, packetOf, packetsOf} from './pkt-line.ts';
import {isStale, type Pushed} from './push-commit.ts';
import {readReport} from './push-report.ts';
import {withoutCredentials, type RemoteLine} from './remote.ts';

/** The two requests of git's smart HTTP push (gitprotocol-http(5)); the answer's body, or undefined when it is not a 200. */
export interface SmartExchange {
  /** GET `<url>/info/refs?service=git-receive-pack` */
  readonly advertise: () => Promise<AsyncIterable<Uint8Array> | undefined>;
  /** POST `<url>/git-receive-pack` of so many bytes. Rejects when the connection breaks. */
  readonly send: (body: AsyncIterable<Uint8Array>, bytes: number) => Promise<AsyncIterable<Uint8Array>>;
}

export interface PackToPush {
  /** For messages. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
  readonly revision: string;
  /** Where the branch has to be, undefined: nowhere yet. */
  readonly expected: string | undefined;
  /** Everything that the revision needs beside what `expected` has. */
  readonly pack: {readonly path: string; readonly bytes: number};
}

/**
 * Moves a branch by sending a pack as it lies there: no object is read, compared or compressed again. It moves only from where it is
 * expected. Undefined: the other side does not offer what is needed, nothing was sent, and `pushCommit` is the way.
 * Faults: GIT_REJECTED (`stale` when somebody else was faster), GIT_UNREACHABLE, GIT_FAILED.
 */
export async function pushPack(
  push: PackToPush,
  exchange: SmartExchange,
  {signal, onEvent}: StepOptions<RemoteLine> = {},
): Promise<Pushed | undefined> {
  signal?.throwIfAborted();
  const {branch, revision, pack, expected} = push;
  const body = await exchange.advertise();
  const offer = body === undefined ? undefined : await readOffer(body);
  if (offer === undefined || offer.capabilities.has('object-format=sha256')) return undefined;
  const ref = `refs/heads/${branch}`;
  const to = `${branch} of ${withoutCredentials(push.url)}`;
  const old = offer.refs.get(ref);
  if (old !== expected)
    throw new GitFault('GIT_REJECTED', `${to} was moved by somebody else`, {stale: true, temporary: true});
  // Only what was offered: some servers refuse a word that they do not know.
  const wanted = ['report-status', 'side-band-64k', 'ofs-delta'].filter((one) => offer.capabilities.has(one));
  if (!wanted.includes('report-status') || !wanted.includes('side-band-64k')) return undefined;
  if (offer.capabilities.has('object-format=sha1')) wanted.push('object-format=sha1');
  if ([...offer.capabilities].some((one) => one.startsWith('agent='))) wanted.push('agent=keelson');
  const command = packetOf(`${old ?? '0'.repeat(40)} ${revision} ${ref}\0 ${wanted.join(' ')}`) + FLUSH;
  const head = Buffer.from(command);
  async function* request(): AsyncGenerator<Uint8Array> {
    yield head;
    yield* createReadStream(pack.path, {highWaterMark: 1024 * 1024}) as AsyncIterable<Buffer>;
  }
  const answer = await exchange.send(request(), head.length + pack.bytes);
  const {unpacked, refs, lines} = await readReport(answer, (line) => onEvent?.({type: 'git:remote', line}));
  const reason = refs.get(ref);
  if (unpacked === 'ok' && reason === 'ok') return {kind: 'pushed', revision, changed: true, lines};
  const because = reason === undefined || reason === 'ok' ? `it could not unpack: ${unpacked}` : reason;
  const stale = isStale(because, lines);
  throw new GitFault(
    'GIT_REJECTED',
    stale ? `${to} was moved by somebody else (${because})` : `${to} was refused: ${because}`,
    {
      lines,
      stale,
      temporary: stale,
    },
  );
}

interface Offer {
  readonly refs: ReadonlyMap<string, string>;
  readonly capabilities: ReadonlySet<string>;
}

/** Undefined: no answer of a smart server. */
async function readOffer(body: AsyncIterable<Uint8Array>): Promise<Offer | undefined> {
  const refs = new Map<string, string>();
  let capabilities: ReadonlySet<string> | undefined;
  let first = true;
  try {
    for await (const packet of packetsOf(body)) {
      const line = packet?.toString('utf8').replace(/\n$/, '');
      if (first && line !== '# service=git-receive-pack') return undefined;
      if (!first && line !== undefined) {
        const [named = '', offered] = line.split('\0');
        capabilities ??= new Set((offered ?? '').trim().split(' '));
        const [id = '', name = ''] = named.split(' ');
        if (name !== 'capabilities^{}') refs.set(name, id);
      }
      first = false;
    }
  } catch (error) {
    if (error instanceof GitFault) return undefined;
    throw error;
  }
  return capabilities === undefined ? undefined : {refs, capabilities};
}
