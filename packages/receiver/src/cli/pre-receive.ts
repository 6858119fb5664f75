import {createConnection} from 'node:net';
import {text} from 'node:stream/consumers';

/** Body of the pre-receive hook: hands the push to the receiver, prints what it says, and ends with its verdict. */
const {KEELSON_HOOK_SOCKET: path, KEELSON_HOOK_WORD: word, GIT_QUARANTINE_PATH: quarantine} = process.env;

process.exitCode = 1;
const say = (line: string) => void process.stderr.write(`${line}\n`);

if (path === undefined || word === undefined) {
  say('This repository takes pushes only through its receiver (http), not by its path.');
} else {
  const updates = (await text(process.stdin))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [old, next, ref] = line.split(' ');
      return {old, new: next, ref};
    });
  const socket = createConnection(path).setEncoding('utf8');
  socket.write(`${JSON.stringify({word, quarantine, updates})}\n`);
  try {
    let rest = '';
    for await (const chunk of socket) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) read(JSON.parse(line) as {line?: string; accepted?: boolean});
    }
  } catch {
    say('The receiver went away; nothing was deployed by this push.');
  }
}

function read(message: {line?: string; accepted?: boolean}): void {
  if (message.line !== undefined) say(message.line);
  if (message.accepted === true) process.exitCode = 0;
}
