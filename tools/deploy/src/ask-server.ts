import {request} from 'node:http';
import {createInterface} from 'node:readline';
import {once} from 'node:events';
import {resolve} from 'node:path';
import type {IncomingMessage} from 'node:http';
import type {DeployEvent} from '@keelson/deployer';
import {Fault, isFault, type StepOptions} from '@keelson/step';
import {controlSocket} from './control-server.ts';
import {DeployServerFault} from './fault.ts';

interface AnswerLine {
  readonly event?: DeployEvent;
  readonly value?: unknown;
  readonly fault?: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly temporary?: boolean;
  };
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object | undefined;
}

/** Whether a server runs on `root`. */
export async function isServed(root: string): Promise<boolean> {
  try {
    await askServer(root, {method: 'GET', path: '/status'});
    return true;
  } catch (error) {
    if (isFault(error) && error.code === 'SERVE_NOT_RUNNING') return false;
    throw error;
  }
}

/** A fault of the server, told to the one who asked with its own code. */
class AnsweredFault extends Fault {}

/**
 * Asks the server of `root`: `GET /status`, `POST /apps/<app>/rollback[?release=N][&force=yes]`, `POST /apps/<app>/deploy?archive=PATH`,
 * `POST /apps/<app>/config` with a `ConfigEdit`, `POST /apps/<app>/stop`, `POST /apps/<app>/reload[?target=web.1]`.
 * Its events arrive through `onEvent`, its value is returned, its fault is thrown here.
 * Faults: SERVE_NOT_RUNNING, and the server's own.
 */
export async function askServer<T>(
  root: string,
  question: Question,
  options: StepOptions<DeployEvent> = {},
): Promise<T> {
  options.signal?.throwIfAborted();
  const response = await connect(resolve(root), question, options);
  for await (const line of untilItEnds(response)) {
    const answer = JSON.parse(line) as AnswerLine;
    if (answer.event !== undefined) options.onEvent?.(answer.event);
    if (answer.value !== undefined) return answer.value as T;
    if (answer.fault !== undefined)
      throw new AnsweredFault(answer.fault.code, answer.fault.message, {
        hint: answer.fault.hint,
        temporary: answer.fault.temporary,
      });
  }
  options.signal?.throwIfAborted();
  throw new DeployServerFault('SERVE_FAILED', `the server of ${root} ended before it answered`, {
    temporary: true,
    hint: `What it serves when it runs again: keelson deploy status --root ${root}`,
  });
}

/** Also of a server that is killed: whole lines. */
async function* untilItEnds(response: IncomingMessage): AsyncGenerator<string> {
  try {
    yield* createInterface({input: response});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}

async function connect(
  root: string,
  {method, path, body}: Question,
  {signal}: StepOptions<DeployEvent>,
): Promise<IncomingMessage> {
  const asked = request({socketPath: controlSocket(root), method, path, ...(signal && {signal})});
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  try {
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    throw new DeployServerFault('SERVE_NOT_RUNNING', `no server answers for ${root}`, {
      cause: error,
      hint: `start it: keelson deploy serve --root ${root}`,
    });
  }
}
