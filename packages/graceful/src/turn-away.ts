import type {IncomingMessage, ServerResponse} from 'node:http';
import type {ServerHttp2Stream} from 'node:http2';
import type {Server, Socket} from 'node:net';
import {makeLast} from './last-response.ts';
import {methodOf} from './method-of.ts';

const STATUS = 503;
const TEXT = 'Service Unavailable';

type Answer = (first: unknown, second: unknown) => void;

const answerRequest: Answer = (request, response) => {
  makeLast(response as ServerResponse, () => true);
  (response as ServerResponse).writeHead(STATUS, {'content-type': 'text/plain'}).end(`${TEXT}\n`);
  (request as IncomingMessage).resume();
};

const answerUpgrade: Answer = (_, socket) =>
  void (socket as Socket).end(`HTTP/1.1 ${STATUS} ${TEXT}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);

/** HTTP/2 asks this before it makes a request of it. */
const answerStream: Answer = (stream) => {
  (stream as ServerHttp2Stream).respond({':status': STATUS}, {endStream: true});
  (stream as ServerHttp2Stream).resume();
};

const ANSWERS: Readonly<Record<string, Answer>> = {
  request: answerRequest,
  checkContinue: answerRequest,
  checkExpectation: answerRequest,
  upgrade: answerUpgrade,
  connect: answerUpgrade,
  stream: answerStream,
};

/** From now on every new request is answered 503, as the last one of its connection, and the app sees none. Other protocols stay. */
export function turnAway(server: Server): void {
  const emit = methodOf<boolean>(server, 'emit');
  server.emit = function (this: Server, event: string | symbol, ...values: unknown[]) {
    if (typeof event !== 'string' || !Object.hasOwn(ANSWERS, event)) return emit.call(this, event, ...values);
    ANSWERS[event]!(values[0], values[1]);
    return true;
  } as typeof server.emit;
}
