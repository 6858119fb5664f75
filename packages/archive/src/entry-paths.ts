const PATH_BYTES = 1024;
const NAME_BYTES = 255; // NAME_MAX
// oxlint-disable-next-line no-control-regex -- refusing them is the point
const CONTROL = /[\u0000-\u001f\u007f]/;
const DRIVE = /^[A-Za-z]:/;
/** What nearly all paths look like: nothing in them can be unsafe but their length. */
const ORDINARY = /^[\w@-][\w@.+-]*(?:\/[\w@-][\w@.+-]*)*$/;

/** Why a path must not be in an archive; undefined for a good one: relative, with `/`, plain on every platform. */
export function unsafePath(path: string): string | undefined {
  if (path.length <= NAME_BYTES && ORDINARY.test(path)) return undefined;
  if (path === '') return 'has no name';
  if (path.startsWith('/') || DRIVE.test(path)) return 'is an absolute path';
  if (path.includes('\0')) return 'has a NUL in its name';
  if (path.includes('\\')) return 'has a backslash in its name';
  if (CONTROL.test(path)) return 'has a control character in its name';
  if (path.includes('\ufffd')) return 'has a name that is not UTF-8';
  if (Buffer.byteLength(path) > PATH_BYTES) return `has a path of more than ${PATH_BYTES} bytes`;
  for (const part of path.split('/')) {
    if (part === '..') return 'leads out of the archive';
    if (part === '' || part === '.') return 'is not a plain path';
    if (Buffer.byteLength(part) > NAME_BYTES) return `has a name of more than ${NAME_BYTES} bytes`;
  }
  return undefined;
}

/** Why a link must not point there, by its text alone; where it leads is `findUnsafeLink`'s matter. */
export function unsafeTarget(target: string): string | undefined {
  if (target === '') return 'points nowhere';
  if (target.startsWith('/') || DRIVE.test(target)) return 'points to an absolute path';
  if (target.includes('\\')) return 'has a backslash in its target';
  if (CONTROL.test(target)) return 'has a control character in its target';
  if (target.includes('\ufffd')) return 'has a target that is not UTF-8';
  if (Buffer.byteLength(target) > PATH_BYTES) return `has a target of more than ${PATH_BYTES} bytes`;
  return undefined;
}

/** A name for a message: whole when it is one that somebody may have chosen. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 300 ? `${name.slice(0, 300)}…` : name);
}

interface Named {
  readonly path: string;
}

/** Compares by the UTF-8 bytes of the paths: the same under every locale. */
function orderOf(entries: readonly Named[]): (a: Named, b: Named) => number {
  // JavaScript compares UTF-16 units, which is the order of the bytes as long as there are no surrogates.
  if (entries.some(({path}) => /[\ud800-\udfff]/.test(path)))
    return (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
  return (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

/** A copy, sorted by the UTF-8 bytes of the paths. */
export function sortByPath<T extends Named>(entries: readonly T[]): T[] {
  return entries.toSorted(orderOf(entries));
}

/** The first entry that does not come after the one before it; undefined for a sorted list without repetitions. */
export function firstOutOfOrder<T extends Named>(entries: readonly T[]): T | undefined {
  const order = orderOf(entries);
  return entries.find((entry, index) => index > 0 && order(entries[index - 1]!, entry) >= 0);
}
