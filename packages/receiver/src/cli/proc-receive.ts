import {createConnection} from 'node:net';
import {text} from 'node:stream/consumers';

/**
 * Body of the proc-receive hook (githooks(5)): moves the branch of an accepted push from where the receiver saw it, and not from where the
 * pusher did, who may have waited for another push meanwhile.
 */
const {KEELSON_HOOK_SOCKET: path = '', KEELSON_HOOK_WORD: word} = process.env;
const {moveBranch} = await import('../git/move-branch.ts');
const {readPackets, writePackets} = await import('../git/packets.ts');

/** Where the branch has to stand, as the receiver says; undefined: it does not know of this push. */
async function headNow(): Promise<string | undefined> {
  const socket = createConnection(path);
  socket.write(`${JSON.stringify({word, moves: true, updates: []})}\n`);
  return (JSON.parse(await text(socket)) as {head?: string}).head;
}

readPackets(0); // the version, and what git offers
writePackets(1, ['version=1']);
const commands = readPackets(0);
const report: string[] = [];
for (const command of commands) report.push(...moveBranch(command, await headNow()));
writePackets(1, report);
