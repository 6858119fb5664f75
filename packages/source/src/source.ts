/** Where a package or archive comes from. */
export type Source =
  | {readonly kind: 'directory'; readonly path: string}
  | {readonly kind: 'tarball'; readonly path: string}
  | {readonly kind: 'git'; readonly url: string; readonly ref?: string | undefined};

export function parseSource(text: string): Source {
  throw new TypeError(text);
}
