import type {IncomingMessage, OutgoingHttpHeaders} from 'node:http';
import type {StepOptions} from '@keelson/step';
import {SourceFault} from '../fault.ts';
import {authorizationFor} from './authorization-for.ts';
import {request} from './request.ts';

export interface GetOptions extends StepOptions {
  readonly headers?: OutgoingHttpHeaders | undefined;
  readonly token?: string | undefined;
  /** Silence after which the connection is given up. Default 60 000. */
  readonly stallMs?: number | undefined;
}

const HOPS = 10;

/**
 * GET that follows redirects; never from https to http, and credentials go to the first origin alone.
 * Faults: SOURCE_UNREACHABLE (a redirect that is not followed).
 */
export async function getFollowing(
  first: URL,
  {headers = {}, token, stallMs, signal}: GetOptions,
): Promise<IncomingMessage> {
  const authorization = await authorizationFor(first, token);
  let url = first;
  for (let hops = 0; hops <= HOPS; hops++) {
    const own =
      url.origin === first.origin && authorization !== undefined ? {Authorization: authorization} : {};
    const response = await request(
      {
        method: 'GET',
        url,
        stallMs,
        headers: {'Accept-Encoding': 'identity', 'User-Agent': 'keelson', ...headers, ...own},
      },
      {signal},
    );
    const {statusCode = 0, headers: answered} = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || answered.location === undefined) return response;
    response.destroy();
    if (!URL.canParse(answered.location, url.href)) throw stray(first, 'it redirects to what is no URL');
    const next = new URL(answered.location, url);
    if (!/^https?:$/.test(next.protocol)) throw stray(first, `it redirects to ${next.protocol}`);
    if (url.protocol === 'https:' && next.protocol === 'http:')
      throw stray(first, `it redirects from https to http, at ${next.host}`);
    url = next;
  }
  throw stray(first, `it redirects more than ${HOPS} times`);
}

function stray({origin, pathname}: URL, because: string): SourceFault {
  return new SourceFault('SOURCE_UNREACHABLE', `cannot get ${origin}${pathname}: ${because}`);
}
