/** What we use of it; its own types ask for those of all of npm. */
declare module 'npm-packlist' {
  /** Paths of the regular files that npm would publish, relative to the tree. */
  export default function packlist(tree: {
    readonly path: string;
    readonly package: object;
    readonly isProjectRoot: boolean;
    readonly edgesOut: ReadonlyMap<string, object>;
  }): Promise<string[]>;
}
