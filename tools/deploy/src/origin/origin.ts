/** Where a deploy comes from: the newest of a repository's tags, what a ref names, or the newest package. */
export type Origin = {
  /** A git repository (URL or folder); of packages a folder, an HTTP index or an npm registry. */
  readonly repo: string;
} & (
  | {
      readonly kind: 'tag';
      /** As fnmatch(3) has it: `v1.*`. */
      readonly pattern: string;
    }
  | {
      readonly kind: 'ref';
      /** A branch, a tag or a commit. */
      readonly ref: string;
    }
  | {
      readonly kind: 'package';
      /** `shop-1.*` */
      readonly pattern: string;
      /** A folder below `repo`; of a registry a dist-tag. */
      readonly pool?: string | undefined;
    }
);

/** What an origin leads to now. */
export type Found =
  | {
      readonly kind: 'commit';
      /** Of the tag, or the ref. */
      readonly name: string;
      readonly url: string;
      readonly revision: string;
      /** What a fetch has to ask for. */
      readonly ref: string;
    }
  | {
      readonly kind: 'package';
      /** Of the file, or `shop@1.2.0`. */
      readonly name: string;
      /** A file here, or a URL. */
      readonly at: {readonly path: string} | {readonly url: string};
      /** Subresource integrity, `sha512-…`, where a registry says one. */
      readonly integrity?: string | undefined;
    };

/** What it is, for the question whether it was deployed already: undefined where only its bytes can tell. Without credentials. */
export function identityOf(found: Found, printable: (url: string) => string): string | undefined {
  if (found.kind === 'commit') return `${printable(found.url)}#${found.revision}`;
  return found.integrity === undefined ? undefined : `${found.name} ${found.integrity}`;
}
