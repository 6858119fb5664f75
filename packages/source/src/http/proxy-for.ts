import {env} from 'node:process';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a URL (curl(1), ENVIRONMENT): `https_proxy`, `http_proxy` (lower case alone, because a CGI
 * program gets HTTP_PROXY from a request's `Proxy` header, httpoxy; upper case too where no request is served), `all_proxy`, `no_proxy`.
 */
export function proxyFor(url: URL, variables: Environment = env): URL | undefined {
  const either = (name: string) => variables[name] || variables[name.toUpperCase()] || undefined;
  if (isDirect(url, either('no_proxy'))) return undefined;
  const ofCgi = variables['REQUEST_METHOD'] !== undefined;
  const own =
    url.protocol === 'https:'
      ? either('https_proxy')
      : ofCgi
        ? variables['http_proxy']
        : either('http_proxy');
  const named = own ?? either('all_proxy');
  if (named === undefined) return undefined;
  const proxy = named.includes('://') ? named : `http://${named}`;
  return URL.canParse(proxy) && /^https?:/.test(proxy) ? new URL(proxy) : undefined;
}

function isDirect(url: URL, list: string | undefined): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (list ?? '')
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .some((one) => {
      if (one === '*') return true;
      const [, name = '', only] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(one.toLowerCase()) ?? [];
      const bare = (
        only !== undefined && !name.includes(':') ? name : one.toLowerCase().replace(/^\[|\]$/g, '')
      ).replace(/^\*?\./, '');
      if (only !== undefined && bare === name.replace(/^\*?\./, '') && only !== port) return false;
      return host === bare || host.endsWith(`.${bare}`);
    });
}
