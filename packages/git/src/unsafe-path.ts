// Code points that HFS+ ignores in names, so that `.g\u200cit` is `.git` there (git's utf8.c, next_hfs_char).
const IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

// Most names, which need no closer look.
const PLAIN = /^[\w@-][\w@.-]{0,200}$/;

/** Why a path must not be in a commit or be written from one; undefined for a good path. Paths are relative, with `/`. */
export function unsafePath(path: string): string | undefined {
  if (PLAIN.test(path)) return undefined;
  if (path === '' || path.startsWith('/')) return 'is not a relative path';
  if (Buffer.byteLength(path) > 4095) return 'is longer than Linux allows (PATH_MAX)';
  if (path.includes('\ufffd')) return 'is not UTF-8';
  if (CONTROL.test(path)) return 'has a control character in its name';
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') return 'is not a plain path';
    if (Buffer.byteLength(part) > 255) return 'has a name that is longer than Linux allows (NAME_MAX)';
    if (isDotGit(part)) return 'is, or lies in, a .git folder';
  }
  return undefined;
}

// The same spellings that `git fsck` refuses (hasDotgit): a repository must not be planted in a tree that others check out.
function isDotGit(part: string): boolean {
  const name = part.replace(IGNORED, '').toLowerCase();
  return /^(\.git|git~1)[ .]*(:.*)?$/.test(name);
}
