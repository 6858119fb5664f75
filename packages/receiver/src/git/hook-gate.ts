import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {rm} from 'node:fs/promises';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {plainLines} from '../plain-lines.ts';
import type {PushVerdict} from './judge-push.ts';

/** What git's pre-receive hook knows (githooks(5)): the push is in quarantine and no ref has moved. */
export interface HookCall {
  /** Where the pack waits; undefined when none came (a deletion). */
  readonly quarantine?: string | undefined;
  readonly updates: readonly {readonly old: string; readonly new: string; readonly ref: string}[];
}

export interface HookLine {
  /** One line to the pusher's terminal. */
  line(text: string): void;
}

export type Judge = (call: HookCall, reply: HookLine) => Promise<PushVerdict>;

/** Where hooks call in: a unix socket that only this user reaches, and a word for each push that only its own hook knows. */
export interface HookGate extends AsyncDisposable {
  /** Expects the hook of one push. `env` goes to git, which hands it on to the hook. */
  expect(judge: Judge): {readonly env: Readonly<Record<string, string>>; forget(): void};
}

const SOCKET_PATH_MAX = 107; // sun_path in unix(7), less its NUL
const CALL_BYTES_MAX = 1024 * 1024;
const UNREAD_BYTES_MAX = 1024 * 1024;

/** `folder` is a private one that nobody else uses. */
export async function openHookGate(folder: string): Promise<HookGate> {
  const judges = new Map<string, Judge>();
  const heads = new Map<string, string>();
  const sockets = new Set<Socket>();
  const place = await socketPlace(folder);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // the hook was killed with its push
    void answer(socket, {judges, heads});
  });
  server.listen(place.path);
  await once(server, 'listening');
  return {
    expect(judge) {
      const word = randomBytes(24).toString('hex');
      judges.set(word, judge);
      return {
        env: {KEELSON_HOOK_SOCKET: place.path, KEELSON_HOOK_WORD: word},
        forget() {
          judges.delete(word);
          heads.delete(word);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

async function socketPlace(folder: string): Promise<{readonly path: string} & AsyncDisposable> {
  const path = join(folder, 'hook.sock');
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) {
    await rm(path, {force: true}); // of a receiver that was killed
    return {path, [Symbol.asyncDispose]: () => rm(path, {force: true})};
  }
  const long = join(tmpdir(), 'keelson-XXXXXX/hook.sock').length > SOCKET_PATH_MAX;
  const short = await temporaryDirectory({parent: long ? '/tmp' : undefined});
  return {path: join(short.path, 'hook.sock'), [Symbol.asyncDispose]: () => short[Symbol.asyncDispose]()};
}

interface Expected {
  readonly judges: Map<string, Judge>;
  /** Where the branch of an accepted push has to stand for it to move, by the push's word. */
  readonly heads: Map<string, string>;
}

async function answer(socket: Socket, {judges, heads}: Expected): Promise<void> {
  const tell = (message: object) => {
    // A pusher that does not read must not fill our memory.
    if (socket.writable && socket.writableLength < UNREAD_BYTES_MAX)
      socket.write(`${JSON.stringify(message)}\n`);
  };
  const call = await readCall(socket);
  if (call?.moves === true) {
    tell({head: heads.get(call.word)});
    return void socket.end();
  }
  const judge = call && judges.get(call.word);
  if (call === undefined || judge === undefined) return void socket.destroy();
  judges.delete(call.word);
  const verdict = await judge(call, {line: (text) => plainLines(text).forEach((line) => tell({line}))});
  if (verdict.accepted) heads.set(call.word, verdict.head ?? '');
  else plainLines(verdict.because).forEach((line) => tell({line}));
  tell({accepted: verdict.accepted});
  socket.end();
}

interface Call extends HookCall {
  readonly word: string;
  /** True: the push was accepted, and its branch is about to move. */
  readonly moves?: boolean | undefined;
}

async function readCall(socket: Socket): Promise<Call | undefined> {
  let text = '';
  try {
    for await (const chunk of socket.iterator({destroyOnReturn: false})) {
      text += String(chunk);
      if (text.includes('\n')) return JSON.parse(text) as Call;
      if (text.length > CALL_BYTES_MAX) return undefined;
    }
  } catch {
    // not a hook, or one that was killed
  }
  return undefined;
}
