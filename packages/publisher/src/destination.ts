import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {withoutCredentials} from '@keelson/git';
import {parseSource} from '@keelson/source';
import {isFault} from '@keelson/step';
import {PublisherFault} from './fault.ts';

export type Destination =
  | GitDestination
  | FileDestination
  | HttpDestination
  | SshDestination
  | CopyDestination;

export interface GitDestination {
  readonly kind: 'git';
  /** http(s), ssh, `user@host:path`, file or an absolute path. May hold credentials, which are used and never printed. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

export interface FileDestination {
  readonly kind: 'file';
  /** Absolute; a `/` at its end stands for the archive's own name in that folder. */
  readonly path: string;
}

export interface HttpDestination {
  readonly kind: 'http';
  /** What is PUT; a `/` at its end stands for the archive's own name below it. May hold credentials. */
  readonly url: string;
}

/** A keelson-receive that is reached by ssh. */
export interface SshDestination {
  readonly kind: 'ssh';
  /** `ssh://[user@]host[:port]/app` */
  readonly url: string;
}

/** A machine without us. */
export interface CopyDestination {
  readonly kind: 'sftp' | 'scp';
  /** `sftp://[user@]host[:port]/path`; `/~/` begins a path in the home folder, a `/` at the end stands for the archive's own name. */
  readonly url: string;
}

const BRANCH = 'main';
const HOSTED = /^(github|gitlab|bitbucket|gist):(?!\/)/i;
const PLAIN_FILE = /^file:(?!\/\/)/i;
const TARBALL = /\.(tgz|tar|tar\.\w+)$/i;

/**
 * Reads what a user wrote. `#branch` at the end of a git address names the branch, default `main`; `git+` and `put+` before a URL say
 * which it is where it could be both. A path (or `file:` URL) is a git repository when it ends with `.git` or is a bare repository, and
 * else the file to copy the archive to. Faults: PUBLISHER_DESTINATION.
 */
export function parseDestination(text: string): Destination {
  const [, address = '', branch] = /^(.*?)(?:#([^#/][^#]*))?$/s.exec(text) ?? [];
  if (text.trim() === '' || /[\0\r\n]/.test(text)) throw bad(text, 'is no address');
  if (text.endsWith('#')) throw bad(text, 'names no branch after the #');
  if (PLAIN_FILE.test(text)) return parseDestination(text.slice('file:'.length));
  const forced = /^git\+(?=[a-z]+:)/.test(address);
  const plain = address.replace(/^git\+(?=[a-z]+:)/, '');
  const toGit = (url: string) => git(text, url, branch ?? BRANCH);
  if (forced || HOSTED.test(address)) return toGit(asSource(text, address));
  if (/^put\+https?:\/\//i.test(text)) return {kind: 'http', url: urlOf(text, text.slice('put+'.length))};
  if (/^https?:\/\//i.test(plain)) {
    const url = urlOf(text, plain);
    return branch === undefined && isPlainFile(url) ? {kind: 'http', url} : toGit(url);
  }
  if (/^(sftp|scp):\/\//i.test(plain)) return copy(text);
  if (/^ssh:\/\/[^/]+\/./i.test(plain) && branch === undefined && !/\.git\/?$/.test(plain))
    return ssh(text, plain);
  if (/^ssh:\/\/[^/]+\/./i.test(plain) || isScp(plain)) return toGit(plain);
  if (/^[a-z][a-z0-9+.-]*:/i.test(plain) && !/^file:/i.test(plain))
    throw bad(text, 'has a scheme that cannot be published to', 'Use https, ssh, sftp, scp or file.');
  if (isRepository(pathOf(text, plain), branch)) return toGit(/^file:/i.test(plain) ? plain : resolve(plain));
  const path = pathOf(text, text);
  if (branch !== undefined && !path.endsWith('/') && !TARBALL.test(path))
    throw bad(text, 'names a branch, and there is no repository', 'Make one: git init --bare PATH.git');
  return {kind: 'file', path: path.endsWith('/') ? `${resolve(path)}/` : resolve(path)};
}

/** The same destination without credentials, as it may be printed. */
export function printable<D extends Destination>(to: D): D {
  return 'url' in to ? {...to, url: withoutCredentials(to.url)} : to;
}

/** A URL or path that ends with `/` names a folder, in which the archive gets this name. */
export function inFolder(place: string, name: string): string {
  return place.endsWith('/') ? place + name : place;
}

function git(text: string, url: string, branch: string): GitDestination {
  const name = branch.replace(/^refs\/heads\//, '');
  // The names that git-check-ref-format(1) forbids, and what is none though it would be allowed.
  if (
    /^(HEAD$|refs\/)/.test(name) ||
    /^[-/.]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[/.]$|^@$/.test(name)
  )
    throw bad(text, `names a branch that cannot be: ${JSON.stringify(branch)}`);
  return {kind: 'git', url, branch: name};
}

function urlOf(text: string, address: string): string {
  if (!URL.canParse(address)) throw bad(text, 'is no URL');
  return address;
}

/** What a store keeps, or a folder of it; everything else over http(s) is a git repository. */
function isPlainFile(url: string): boolean {
  const {pathname} = new URL(url);
  return TARBALL.test(pathname) || (/[^/]\/$/.test(pathname) && !pathname.endsWith('.git/'));
}

// No host or user that ssh would take for an option.
const MACHINE =
  /^\w+:\/\/([^\s@/:-][^\s@/:]*(:[^@/]*)?@)?(\[[0-9a-f:.]+\]|[^\s@/:[-][^\s@/:]*)(:\d{1,5})?\//i;

function ssh(text: string, url: string): SshDestination {
  const app = url.replace(/^ssh:\/\/[^/]+\//i, '');
  if (!MACHINE.test(url) || !/^[a-z][a-z0-9-]{0,62}$/.test(app))
    throw bad(
      text,
      'names no app of a receiver',
      'Write ssh://user@host/app for keelson-receive, and git+ssh://user@host/path for a git repository.',
    );
  return {kind: 'ssh', url};
}

function copy(text: string): CopyDestination {
  const kind = /^sftp/i.test(text) ? 'sftp' : 'scp';
  const path = text.replace(/^\w+:\/\/[^/]+/, '');
  if (!MACHINE.test(text) || path === '/' || path === '/~')
    throw bad(text, 'names no machine and path', `For example: ${kind}://user@host/srv/app.tgz`);
  return {kind, url: text};
}

/** `user@host:path`, `host:path`: a colon before the first slash (git-clone(1), "GIT URLS"). */
function isScp(address: string): boolean {
  return /^[^/:\s@-][^/:\s]*:(?!\/\/)[^\s]+$/.test(address) && !/^[a-z]+:\//i.test(address);
}

function pathOf(text: string, address: string): string {
  if (!/^file:/i.test(address)) return address;
  try {
    return fileURLToPath(address.replace(/#.*$/s, ''));
  } catch (error) {
    throw bad(text, (error as Error).message);
  }
}

/** A work tree is one only when a branch is named: to others than the one that is checked out. */
function isRepository(path: string, branch: string | undefined): boolean {
  const bare = ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(path, name)));
  return /\.git\/?$/.test(path) || bare || (branch !== undefined && existsSync(join(path, '.git')));
}

/** The URL of what npm, and with it a source, writes in another way than git. */
function asSource(text: string, address: string): string {
  try {
    const source = parseSource(address);
    if (source.kind === 'git') return source.url;
  } catch (error) {
    if (!isFault(error)) throw error;
  }
  throw bad(text, 'is no git address');
}

function bad(text: string, because: string, hint?: string): PublisherFault {
  const shown = JSON.stringify(withoutCredentials(text));
  return new PublisherFault('PUBLISHER_DESTINATION', `${shown} ${because}`, {
    hint:
      hint ??
      'For example: https://host/app.git#main, https://store/app.tgz, ssh://host/app, ./app.git, ./app.tgz',
  });
}
