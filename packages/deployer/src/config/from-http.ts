import {isFault} from '@keelson/step';
import {DeployFault} from '../fault.ts';
import type {Fetched, ReadConfigOptions} from './read-config.ts';

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1024 * 1024;

/** Redirects are not followed: they would take the token along. */
export async function fromHttp(input: string, {token, signal}: ReadConfigOptions): Promise<Fetched> {
  const url = new URL(input);
  const own = url.username !== '' || url.password !== '';
  const basic = Buffer.from(
    `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
  ).toString('base64');
  const authorization = own ? `Basic ${basic}` : token === undefined ? undefined : `Bearer ${token}`;
  url.username = '';
  url.password = '';
  // A query may hold a token, too.
  const reader = `${url.origin}${url.pathname}`;
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      headers: {accept: 'application/json, text/plain, */*', ...(authorization && {authorization})},
    });
    if (!response.ok) {
      const {status} = response;
      const hint = status === 401 || status === 403 ? 'Look at the token.' : undefined;
      throw new DeployFault('DEPLOY_CONFIG', `${reader} answered ${status}`, {
        temporary: status >= 500,
        hint,
      });
    }
    return {text: await textOf(response, reader), reader};
  } catch (cause) {
    signal?.throwIfAborted();
    if (isFault(cause)) throw cause;
    const why = (cause as {cause?: {code?: string}}).cause?.code ?? (cause as Error).message;
    throw new DeployFault('DEPLOY_CONFIG', `${reader} could not be read: ${why}`, {cause, temporary: true});
  }
}

async function textOf(response: Response, reader: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_BYTES)
      throw new DeployFault('DEPLOY_CONFIG', `${reader} has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}
