import {execFileSync} from 'node:child_process';
import {readSync, writeSync} from 'node:fs';
import {createConnection} from 'node:net';
import {text} from 'node:stream/consumers';

/**
 * Body of the proc-receive hook (githooks(5)): moves the branch of an accepted push from where the receiver saw it, and not from where the
 * pusher did, who may have waited for another push meanwhile.
 */
const {KEELSON_HOOK_SOCKET: path, KEELSON_HOOK_WORD: word} = process.env;

const read = (length: number): string => {
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const count = readSync(0, bytes, at, length - at, null);
    if (count === 0) process.exit(1);
    at += count;
  }
  return bytes.toString('utf8');
};

/** The lines up to a flush packet (gitprotocol-common(5), "pkt-line"). */
function readPackets(): string[] {
  const lines: string[] = [];
  for (;;) {
    const length = Number.parseInt(read(4), 16);
    if (length < 4) return lines;
    lines.push(read(length - 4).replace(/\n$/, ''));
  }
}

function writePackets(lines: readonly string[]): void {
  const packets = lines.map(
    (line) => `${(Buffer.byteLength(line) + 4).toString(16).padStart(4, '0')}${line}`,
  );
  writeSync(1, `${packets.join('')}0000`);
}

async function headNow(): Promise<string> {
  const socket = createConnection(path!);
  socket.write(`${JSON.stringify({word, moves: true, updates: []})}\n`);
  const {head} = JSON.parse(await text(socket)) as {head?: string};
  if (head === undefined) throw new Error('the receiver does not know of this push');
  return head;
}

async function move(command: string): Promise<string[]> {
  const [old = '', next = '', ref = ''] = command.split(' ');
  try {
    const head = await headNow();
    const none = '0'.repeat(next.length);
    execFileSync('git', ['update-ref', ref, next, head || none], {stdio: ['ignore', 'ignore', 'pipe']});
    const moved = head === old.replace(/^0+$/, '') ? [] : [`option old-oid ${head}`];
    return [`ok ${ref}`, ...moved];
  } catch (error) {
    const said = String((error as {stderr?: Buffer}).stderr ?? '').trim();
    return [`ng ${ref} ${(said || (error as Error).message).replaceAll('\n', ' ')}`];
  }
}

readPackets(); // the version, and what git offers
writePackets(['version=1']);
const commands = readPackets();
const report: string[] = [];
for (const command of commands) report.push(...(await move(command)));
writePackets(report);
