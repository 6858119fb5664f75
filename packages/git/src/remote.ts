import type {Environment} from './git-environment.ts';

/** A branch of a repository that is elsewhere. */
export interface RemoteBranch {
  /** Anything git understands: https, ssh, `user@host:path`, file, path. Credentials in it are used and never printed. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
  /** For http(s); these win over the URL's own. */
  readonly credentials?: Credentials | undefined;
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

/** What git is given for a remote: the bare URL in argv, and the credentials where `ps` does not show them. */
export function reach(remote: {readonly url: string; readonly credentials?: Credentials | undefined}): {
  readonly url: string;
  readonly env: Environment;
} {
  const {url, credentials: own} = splitUrl(remote.url);
  const credentials = remote.credentials ?? own;
  if (credentials === undefined || !/^https?:/i.test(url)) return {url, env: {}};
  const basic = Buffer.from(`${credentials.username ?? 'keelson'}:${credentials.password}`).toString(
    'base64',
  );
  return {
    url,
    env: {
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: `http.${url}.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      // git would send the header to wherever the server redirects.
      GIT_CONFIG_KEY_1: `http.${url}.followRedirects`,
      GIT_CONFIG_VALUE_1: 'false',
    },
  };
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
