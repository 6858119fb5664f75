import {resolve} from 'node:path';
import {withoutCredentials} from '@keelson/git';
import {SourceFault} from './fault.ts';

/** Where a package or archive comes from. */
export type Source =
  | {readonly kind: 'directory'; readonly path: string}
  | {readonly kind: 'tarball'; readonly path: string}
  | {
      readonly kind: 'git';
      /** A URL, an `[user@]host:path`, or an absolute path. May hold credentials. */
      readonly url: string;
      /** Branch, tag or full commit hash. */
      readonly ref?: string | undefined;
    };

const TARBALL = /\.(tgz|tar\.gz|tar)$/;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
// As git tells it from a path: a colon before the first slash.
const SCP_LIKE = /^[\w.-]+@[\w.-]+:(?!\/\/)./;

/**
 * Reads a source as a person writes it: a folder, a tarball's path, a git URL or repository with an optional `#ref` (`git+…` where it
 * could be something else). Looks at the text alone; paths are taken from the current folder.
 * Faults: SOURCE_UNKNOWN, SOURCE_UNSUPPORTED (http tarballs).
 */
export function parseSource(text: string): Source {
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
  if (scheme !== undefined) return ofUrl(scheme, {text, place, ref, forced});
  if (SCP_LIKE.test(place)) return git(place, ref);
  if (!forced && TARBALL.test(plain)) return {kind: 'tarball', path: resolve(plain)};
  if (forced || ref !== undefined || place.endsWith('.git')) return git(resolve(place), ref);
  return {kind: 'directory', path: resolve(plain)};
}

interface Parts {
  readonly text: string;
  readonly place: string;
  readonly ref: string | undefined;
  readonly forced: boolean;
}

function ofUrl(scheme: string, {text, place, ref, forced}: Parts): Source {
  if (!['http', 'https', 'ssh', 'git', 'file'].includes(scheme))
    throw unknown(text, `has an unknown scheme, ${scheme}`);
  if (!forced && scheme.startsWith('http') && TARBALL.test(place))
    throw new SourceFault('SOURCE_UNSUPPORTED', 'a tarball over http is not supported yet', {
      hint: 'Download it, and name the file.',
    });
  return git(place, ref);
}

function git(url: string, ref: string | undefined): Source {
  return ref === undefined ? {kind: 'git', url} : {kind: 'git', url, ref};
}

function unknown(text: string, because: string): SourceFault {
  return new SourceFault('SOURCE_UNKNOWN', `${JSON.stringify(withoutCredentials(text))} ${because}`, {
    hint: 'A source is a folder, a .tgz file, or a git URL with an optional #ref.',
  });
}
