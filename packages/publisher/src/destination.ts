import {existsSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {withoutCredentials} from '@keelson/git';
import {PublisherFault} from './fault.ts';

export type Destination = GitDestination | FileDestination;

export interface GitDestination {
  readonly kind: 'git';
  /** http(s), ssh, `user@host:path`, file or an absolute path. May hold credentials, which are used and never printed. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly branch: string;
}

export interface FileDestination {
  readonly kind: 'file';
  /** Absolute. */
  readonly path: string;
}

const BRANCH = 'main';

/**
 * Reads what a user wrote. `#branch` at the end of a git address names the branch, default `main`.
 * A path (or `file:` URL) is a git repository when it ends with `.git` or is a bare repository, and else the file to copy the archive to.
 * Faults: PUBLISHER_DESTINATION.
 */
export function parseDestination(text: string): Destination {
  const [, address = '', branch = BRANCH] = /^(.*?)(?:#([^#/][^#]*))?$/s.exec(text) ?? [];
  if (text.trim() === '' || /[\0\r\n]/.test(text)) throw bad(text, 'is no address');
  const plain = address.replace(/^git\+(?=[a-z]+:)/, '');
  if (/^https?:\/\//i.test(plain)) return git(text, httpUrl(text, plain), branch);
  if (/^ssh:\/\/[^/]+\/./i.test(plain) || isScp(plain)) return git(text, plain, branch);
  if (/^[a-z][a-z0-9+.-]*:/i.test(plain) && !/^file:/i.test(plain))
    throw bad(text, 'has a scheme that cannot be published to', 'Use https, ssh or file.');
  if (isRepository(pathOf(text, plain))) {
    const url = /^file:/i.test(plain) ? plain : resolve(plain);
    return git(text, url, branch);
  }
  return {kind: 'file', path: resolve(pathOf(text, text))};
}

/** The same destination without credentials, as it may be printed. */
export function printable(to: Destination): Destination {
  return to.kind === 'git' ? {...to, url: withoutCredentials(to.url)} : to;
}

function git(text: string, url: string, branch: string): GitDestination {
  // The names that git-check-ref-format(1) forbids.
  if (/^[-/.]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[/.]$|^@$/.test(branch))
    throw bad(text, `names a branch that cannot be: ${JSON.stringify(branch)}`);
  return {kind: 'git', url, branch};
}

function httpUrl(text: string, address: string): string {
  if (!URL.canParse(address)) throw bad(text, 'is no URL');
  if (/\.(tgz|tar|tar\.\w+)$/i.test(new URL(address).pathname))
    throw bad(
      text,
      'looks like a file, and files cannot be sent by HTTP yet',
      'Publish to a git repository: https://host/app.git',
    );
  return address;
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

function isRepository(path: string): boolean {
  return /\.git\/?$/.test(path) || ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(path, name)));
}

function bad(text: string, because: string, hint?: string): PublisherFault {
  const shown = JSON.stringify(withoutCredentials(text));
  return new PublisherFault('PUBLISHER_DESTINATION', `${shown} ${because}`, {
    hint: hint ?? 'For example: https://host/app.git#main, user@host:app.git, ./app.git, ./app.tgz',
  });
}
