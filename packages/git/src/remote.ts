/** A repository that is elsewhere. */
export interface RemoteAddress {
  /** Anything git understands: https, ssh, `user@host:path`, file, path. Credentials in it are used and never printed. */
  readonly url: string;
  /** For http(s); these win over the URL's own. */
  readonly credentials?: Credentials | undefined;
}

export interface RemoteBranch extends RemoteAddress {
  /** Without `refs/heads/`. */
  readonly branch: string;
}

export interface Credentials {
  /** Default `keelson`: token authentication looks at the password alone. */
  readonly username?: string | undefined;
  /** Password or token. */
  readonly password: string;
}

/** What the remote repository prints while it works, line by line, as it comes. */
export interface RemoteLine {
  readonly type: 'git:remote';
  readonly line: string;
}

/** The URL as it may be printed: without user and password (of ssh only the password goes: the user is an address there). */
export function withoutCredentials(url: string): string {
  return splitUrl(url).url;
}

/** The bare URL, and what is sent with each request to it. */
export function credentialsOf(remote: RemoteAddress): {
  readonly url: string;
  /** Undefined where there are none, or no place for them. */
  readonly authorization: string | undefined;
} {
  const {url, credentials: own} = splitUrl(remote.url);
  const credentials = remote.credentials ?? own;
  if (credentials === undefined || !/^https?:/i.test(url)) return {url, authorization: undefined};
  const pair = `${credentials.username ?? 'keelson'}:${credentials.password}`;
  return {url, authorization: `Basic ${Buffer.from(pair).toString('base64')}`};
}

function splitUrl(url: string): {url: string; credentials?: Credentials} {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@(.*)$/is.exec(url);
  if (match === null) return {url};
  const [, scheme = '', userinfo = '', rest = ''] = match;
  const [, user = '', password] = /^([^:]*)(?::(.*))?$/s.exec(userinfo) ?? [];
  if (!/^https?:/i.test(scheme)) return {url: `${scheme}${user}@${rest}`};
  // A lone name is a token, as GitHub and GitLab take it.
  const credentials =
    password === undefined || password === ''
      ? {password: decode(user)}
      : {username: decode(user), password: decode(password)};
  return {url: scheme + rest, credentials};
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
