/** Removed when disposed. */
export interface TemporaryDirectory extends AsyncDisposable {
  readonly path: string;
}

/** A new empty directory (0700) in `parent`, default the system's. */
export async function temporaryDirectory(
  options: {readonly prefix?: string | undefined; readonly parent?: string | undefined} = {},
): Promise<TemporaryDirectory> {
  throw new TypeError(`not yet: ${options.prefix}`);
}
