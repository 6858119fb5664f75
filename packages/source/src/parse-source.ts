import {resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {withoutCredentials} from '@keelson/git';
import parseSpec from 'npm-package-arg';
import {SourceFault} from './fault.ts';

/** Where a package or archive comes from. */
export type Source =
  | {readonly kind: 'directory'; readonly path: string}
  | {readonly kind: 'tarball'; readonly path: string}
  | HttpSource
  | GitSource;

export interface HttpSource {
  readonly kind: 'http';
  /** http(s), without a fragment. May hold credentials. */
  readonly url: string;
  /** What the file's SHA-256 has to be: 64 hex digits. */
  readonly sha256?: string | undefined;
}

export interface GitSource {
  readonly kind: 'git';
  /** A URL, an `[user@]host:path`, or an absolute path. May hold credentials. */
  readonly url: string;
  /** Branch, tag or commit hash. */
  readonly ref?: string | undefined;
  /** Instead of a ref: the highest tag that is a version in this range (`^1.2`). */
  readonly range?: string | undefined;
}

const TARBALL = /\.(tgz|tar\.gz|tar|tar\.zst|tzst)$/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const HOSTED = /^(github|gitlab|bitbucket|gist):(?!\/)/i;
// As git tells it from a path: a colon before the first slash.
const SCP_LIKE = /^[\w.-]+@[\w.-]+:(?!\/\/)./;
// The same without a user may as well be a file.
const HOST_AND_PATH = /^[\w.-]+:(?!\/\/)./;
// What npm reads and git does not: `ssh://host:path`, and the page of a branch at one of the hosts.
const OF_NPM = /^ssh:\/\/[^/]*:(?!\d*(\/|$))|^https?:\/\/[^/]+\/.+\/tree\//i;
const PLAIN_FILE = /^file:(?!\/\/)/i;

/**
 * Reads a source as a person writes it: a folder, a tarball's path or http(s) URL (`#sha256=HEX` pins its bytes), a git URL or repository
 * with an optional `#branch`, `#tag`, `#commit` or `#semver:RANGE` (`git+…` where it could be something else), `github:owner/name`.
 * Looks at the text alone; paths are taken from the current folder. Faults: SOURCE_UNKNOWN, SOURCE_UNSUPPORTED.
 */
export function parseSource(text: string): Source {
  if (PLAIN_FILE.test(text)) return parseSource(text.slice('file:'.length));
  const forced = text.startsWith('git+');
  const plain = forced ? text.slice('git+'.length) : text;
  const hash = plain.indexOf('#');
  const place = hash === -1 ? plain : plain.slice(0, hash);
  const ref = hash === -1 ? undefined : plain.slice(hash + 1);
  if (text.trim() === '' || text.includes('\0')) throw unknown(text, 'is no source');
  // git would take it for an option
  if (place.startsWith('-') || ref?.startsWith('-'))
    throw unknown(text, 'begins with a dash where a place or a ref is meant');
  if (ref === '') throw unknown(text, 'has no ref after the #');

  const scheme = SCHEME.exec(place)?.[1]?.toLowerCase();
  if (HOSTED.test(place)) return git(text, undefined, plain);
  if (scheme !== undefined) return ofUrl(scheme, {text, place, plain, ref, forced});
  const remote =
    SCP_LIKE.test(place) || (HOST_AND_PATH.test(place) && (ref !== undefined || place.endsWith('.git')));
  if (remote) return git(text, place, `git+ssh://${plain}`);
  if (!forced && TARBALL.test(plain)) return {kind: 'tarball', path: resolve(plain)};
  if (forced || ref !== undefined || place.endsWith('.git'))
    return git(text, resolve(place), `git+file:///x${ref === undefined ? '' : `#${ref}`}`);
  return {kind: 'directory', path: resolve(plain)};
}

interface Parts {
  readonly text: string;
  readonly place: string;
  readonly plain: string;
  readonly ref: string | undefined;
  readonly forced: boolean;
}

function ofUrl(scheme: string, {text, place, plain, ref, forced}: Parts): Source {
  if (!['http', 'https', 'ssh', 'git', 'file'].includes(scheme))
    throw unknown(text, `has an unknown scheme, ${scheme}`);
  const web = !forced && scheme.startsWith('http');
  if (web && (ref?.startsWith('sha256=') || TARBALL.test(place.replace(/\?.*$/s, ''))))
    return tarballUrl(text, place, ref);
  if (scheme === 'file' && !forced && ref === undefined && TARBALL.test(place))
    return {kind: 'tarball', path: pathOf(text, place)};
  return git(text, place, scheme === 'git' ? plain : `git+${plain}`);
}

function pathOf(text: string, url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw unknown(text, `is no file here: ${(error as Error).message}`);
  }
}

function tarballUrl(text: string, url: string, ref: string | undefined): Source {
  if (!URL.canParse(url)) throw unknown(text, 'is no URL');
  if (ref === undefined) return {kind: 'http', url};
  const [, sha256] = /^sha256=([0-9a-f]{64})$/i.exec(ref) ?? [];
  if (sha256 === undefined) throw unknown(text, 'pins no SHA-256: write #sha256= and 64 hex digits');
  return {kind: 'http', url, sha256: sha256.toLowerCase()};
}

/** @param url undefined: one of npm's short forms, which its parser knows */
function git(text: string, url: string | undefined, spec: string): Source {
  let parsed;
  try {
    parsed = parseSpec(spec);
  } catch (error) {
    throw unknown(text, `is no git address: ${(error as Error).message.split('\n')[0]}`);
  }
  const {gitRange, gitSubdir, gitCommittish, hosted, fetchSpec} = parsed as ReturnType<typeof parseSpec> & {
    readonly gitSubdir?: string;
  };
  if (gitSubdir !== undefined)
    throw new SourceFault('SOURCE_UNSUPPORTED', `${shown(text)} names a folder of a repository`, {
      hint: 'Take the repository, and build one app of it: keelson build REPOSITORY --workspace FOLDER',
    });
  const place = url === undefined ? webAddress(hosted) : OF_NPM.test(url) ? (fetchSpec ?? url) : url;
  if (place === undefined) throw unknown(text, 'is no git address: a short form is host:owner/name');
  if (gitRange !== undefined && gitRange !== null) return {kind: 'git', url: place, range: gitRange};
  return gitCommittish ? {kind: 'git', url: place, ref: gitCommittish} : {kind: 'git', url: place};
}

function webAddress(hosted: unknown): string | undefined {
  const {type, user, https} = (hosted ?? {}) as Partial<Hosted>;
  if (https === undefined || (type !== 'gist' && !user)) return undefined;
  return https.call(hosted as Hosted, {noCommittish: true, noGitPlus: true});
}

/** What we use of hosted-git-info, which npm-package-arg has no types for. */
interface Hosted {
  readonly type: string;
  readonly user: string | null;
  https(options: object): string;
}

function shown(text: string): string {
  return JSON.stringify(withoutCredentials(text));
}

function unknown(text: string, because: string): SourceFault {
  return new SourceFault('SOURCE_UNKNOWN', `${shown(text)} ${withoutCredentials(because)}`, {
    hint: 'A source is a folder, a .tgz file or its URL, a git URL with an optional #ref, or github:owner/name.',
  });
}
