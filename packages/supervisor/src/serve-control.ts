import net from 'node:net';
import {isFault} from '@keelson/step';
import {answerQuestion, type Running} from './answer-question.ts';
import {type AnswerLine, MOST_QUESTION_BYTES, QUESTION_MS} from './control-protocol.ts';
import {type ControlSocket, listenOnControlSocket} from './control-socket.ts';
import {SupervisorFault} from './fault.ts';

/** More than one person and their scripts ever ask at once; further ones are told to wait by a closed connection. */
const MOST_CONNECTIONS = 64;

/**
 * Answers questions about a service on a unix socket that only our own user can open: a line of JSON each, and a line of
 * JSON back. One question a connection. Faults: SUPERVISOR_CONTROL_PATH, SUPERVISOR_CONTROL_IN_USE.
 */
export async function serveControl(path: string, running: Running): Promise<ControlSocket> {
  const server = net.createServer({allowHalfOpen: true}, (socket) => void converse(socket, running));
  server.maxConnections = MOST_CONNECTIONS;
  server.unref();
  return listenOnControlSocket(server, path);
}

async function converse(socket: net.Socket, running: Running): Promise<void> {
  socket.on('error', () => {}); // the one who asked has gone
  let answer: AnswerLine;
  try {
    answer = {value: await answerQuestion(await firstLine(socket), running)};
  } catch (error) {
    answer = {fault: faultOf(error)};
  }
  socket.end(`${JSON.stringify(answer)}\n`, () => socket.destroy());
}

function firstLine(socket: net.Socket): Promise<string> {
  const fault = (because: string): SupervisorFault =>
    new SupervisorFault('SUPERVISOR_CONTROL_QUESTION', `This question is not understood: ${because}`);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const late = setTimeout(
      () => finish(() => reject(fault(`it took longer than ${QUESTION_MS / 1000} s`))),
      QUESTION_MS,
    );
    late.unref();
    const finish = (settle: () => void): void => {
      clearTimeout(late);
      // What comes after the line is thrown away, not kept.
      socket.off('data', onData).resume();
      settle();
    };
    const onData = (chunk: Buffer): void => {
      const end = chunk.indexOf(10);
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      bytes += chunk.length;
      if (end >= 0) return finish(() => resolve(Buffer.concat(chunks).toString('utf8')));
      if (bytes > MOST_QUESTION_BYTES)
        finish(() => reject(fault(`it is longer than ${MOST_QUESTION_BYTES} bytes`)));
    };
    socket.on('data', onData);
    socket.once('end', () => finish(() => reject(fault('it has no end'))));
    socket.once('close', () => finish(() => reject(fault('it has no end'))));
  });
}

function faultOf(error: unknown): Extract<AnswerLine, {fault: unknown}>['fault'] {
  const {message} = error as Error;
  if (!isFault(error)) return {code: 'SUPERVISOR_CONTROL_QUESTION', message};
  return {code: error.code, message, hint: error.hint, temporary: error.temporary};
}
