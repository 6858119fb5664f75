import {loginFor} from './netrc.ts';
import {basic} from './request.ts';

/**
 * The Authorization header for a URL: a token given beside it, else the URL's own user and password (a lone name is a token),
 * else what `.netrc` says of its host.
 */
export async function authorizationFor(url: URL, token?: string): Promise<string | undefined> {
  if (token !== undefined) return basic(url.username || 'keelson', encodeURIComponent(token));
  if (url.username !== '')
    return url.password === '' ? basic('keelson', url.username) : basic(url.username, url.password);
  const login = await loginFor(url.hostname);
  if (login === undefined) return undefined;
  return basic(encodeURIComponent(login.username), encodeURIComponent(login.password));
}
