import {once} from 'node:events';
import type {ClientRequest} from 'node:http';
import {GitFault, withoutCredentials, type SmartExchange} from '@keelson/git';
import {authorizationFor, connectionFailure, request} from '@keelson/source';
import {patienceOf} from '../../patience.ts';
import type {PublishOptions} from '../../publish.ts';

/**
 * A push over http(s) as requests of ours. What the git program alone can do (credential helpers, certificates of its configuration,
 * redirects) shows in the first request, and the push is left to it then.
 */
export async function smartExchange(
  address: string,
  {token, ...options}: PublishOptions,
): Promise<SmartExchange> {
  const {signal} = options;
  const {stallMs, answerMs} = patienceOf(options);
  const base = address.replace(/\/+$/, '');
  const authorization = await authorizationFor(new URL(base), token);
  const headers = {'User-Agent': 'git/2.34 keelson', ...(authorization && {Authorization: authorization})};
  const where = withoutCredentials(address);
  return {
    advertise: async () => {
      try {
        const url = new URL(`${base}/info/refs?service=git-receive-pack`);
        const response = await request({method: 'GET', url, headers, stallMs}, {signal});
        const smart = response.headers['content-type'] === 'application/x-git-receive-pack-advertisement';
        if (response.statusCode === 200 && smart) return response;
        response.destroy();
      } catch (error) {
        if (connectionFailure(error) === undefined) throw error;
      }
      return undefined;
    },
    send: async (body, bytes) => {
      const call = {
        method: 'POST',
        url: new URL(`${base}/git-receive-pack`),
        headers: {
          ...headers,
          'Content-Type': 'application/x-git-receive-pack-request',
          Accept: 'application/x-git-receive-pack-result',
          'Content-Length': bytes,
        },
        send: (sending: ClientRequest) => feed(sending, {body, bytes}, options),
        stallMs,
        answerMs,
      } as const;
      const response = await request(call, {signal}).catch((error: unknown) => {
        throw broken(where, error) ?? error;
      });
      const {statusCode = 0} = response;
      if (statusCode === 200) return readable(response, where);
      response.destroy();
      throw refusal(where, statusCode);
    },
  };
}

async function* readable(response: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    throw broken(where, error) ?? error;
  }
}

async function feed(
  sending: ClientRequest,
  {body, bytes}: {readonly body: AsyncIterable<Uint8Array>; readonly bytes: number},
  {signal, onEvent}: PublishOptions,
): Promise<void> {
  let done = 0;
  const closed = new Promise((resolve) => sending.once('close', resolve));
  sending.on('error', () => {}); // told by the answer that does not come
  for await (const part of body) {
    signal?.throwIfAborted();
    if (sending.destroyed) return;
    if (!sending.write(part)) await Promise.race([once(sending, 'drain'), closed]);
    done += part.length;
    onEvent?.({type: 'publisher:sent', done, total: bytes});
  }
  sending.end();
}

function broken(where: string, error: unknown): GitFault | undefined {
  const failure = connectionFailure(error);
  if (failure === undefined) return undefined;
  return new GitFault('GIT_UNREACHABLE', `cannot push to ${where}: ${failure.because}`, {
    temporary: failure.temporary,
    cause: error,
  });
}

function refusal(where: string, status: number): GitFault {
  const message = `cannot push to ${where}: it answers ${status}`;
  if (status === 401 || status === 403)
    return new GitFault('GIT_AUTH', message, {hint: 'Give a token that may push there.'});
  if (status === 413)
    return new GitFault('GIT_TOO_LARGE', message, {hint: 'The remote limits how much it takes in one push.'});
  return new GitFault('GIT_UNREACHABLE', message, {temporary: status === 429 || status >= 500});
}
