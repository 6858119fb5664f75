import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {createServer as createHttpServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {createServer, type AddressInfo, type Server, type Socket} from 'node:net';
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals';
import {parseDestination, publish} from '@keelson/publisher';
import {describeWith, faultOf} from '@keelson/test-kit';
import {builtArchive} from './built-archive.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function listening(server: Server): Promise<{host: string} & AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

const silent = () => listening(createServer());
const web = (answer: Answer) => {
  const handle: Answer = (request, response) =>
    request.method === 'HEAD' ? void response.writeHead(404).end() : answer(request, response);
  const server = createHttpServer(handle).on('checkContinue', (request, response) => {
    response.writeContinue();
    handle(request, response);
  });
  return listening(server);
};
const whole = (request: IncomingMessage, then: () => void) => request.resume().on('end', then);

// More than the sockets between us take.
let dir: Awaited<ReturnType<typeof builtArchive>>;
beforeAll(async () => void (dir = await builtArchive({'big.bin': randomBytes(12_000_000)})));
afterAll(async () => await dir[Symbol.asyncDispose]());

const expectTemporary = async (to: string, stallMs: number, ssh?: {command: string}) => {
  const publishing = publish(dir.archive, parseDestination(to), {tries: 1, stallMs, ssh});
  const fault = await faultOf(publishing);
  expect(fault).toMatchObject({code: expect.stringMatching(/UNREACHABLE$/), temporary: true});
  return fault.message;
};

describe('a store that falls silent is told as that', () => {
  test('before a word', async () => {
    await using server = await silent();
    expect(await expectTemporary(`http://${server.host}/a.tgz`, 100)).toContain('does not answer');
  });

  test.each<[string, Answer]>([
    ['without reading the body', (request) => void request.pause()],
    ['with everything in its hands', (request) => void whole(request, () => {})],
    [
      'in the middle of its answer',
      (request, response) =>
        void whole(request, () => {
          response.writeHead(200, {'content-type': 'application/x-ndjson'});
          response.write('{"kind":"line","text":"wor');
        }),
    ],
  ])('%s', async (_, answer) => {
    await using server = await web(answer);
    expect(await expectTemporary(`http://${server.host}/a.tgz`, 40)).toContain('does not answer');
  });

  test('and not while it works on what it got', async () => {
    await using server = await web((request, response) => {
      whole(request, () => setTimeout(() => response.writeHead(201).end(), 1100));
    });
    const to = parseDestination(`http://${server.host}/a.tgz`);
    expect(await publish(dir.archive, to, {tries: 1, stallMs: 500})).toMatchObject({result: 'published'});
  });
});

describe('so is a machine that ssh reaches', () => {
  const OFFSET = `echo '{"kind":"offset","offset":0}'`;
  test.each([
    ['ssh', 'exec sleep 60 #'],
    ['ssh', `${OFFSET}; exec sleep 60 #`],
    ['ssh', `${OFFSET}; head -c 100000 >/dev/null; echo '{"kind":"line"'; exec sleep 60 #`],
    ['scp', `case $* in *sha256sum*) exit 0;; esac; exec sleep 60 #`],
  ])('%s by %s', async (scheme, command) => {
    // What stands after the command is a comment then, and `$*` what ssh would get.
    const to = scheme === 'ssh' ? 'ssh://host/web' : 'scp://host/srv/web.tgz';
    const words = command.includes('$*') ? `set -- "$@"; ${command}` : command;
    expect(await expectTemporary(to, 200, {command: words})).toContain('nothing came from there');
  });
});

describeWith(['git', 'ssh'], 'so is a git remote', () => {
  test.each([
    ['http://HOST/a.git', 'too slow'],
    ['ssh://HOST/a.git', 'timed out'],
  ])('%s', async (to, said) => {
    await using server = await silent();
    expect(await expectTemporary(to.replace('HOST', server.host), 1000)).toContain(said);
  });
});
