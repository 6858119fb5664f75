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

/** The URL as it may be printed: without user and password (of ssh only the password goes). */
export function withoutCredentials(url: string): string {
  return url;
}
