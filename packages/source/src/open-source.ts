import {join} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {withoutCredentials} from '@keelson/git';
import type {StepOptions} from '@keelson/step';
import type {Checkout, Revision, SourceEvent} from './checkout.ts';
import {openDirectory} from './open/directory.ts';
import {openGit} from './open/git.ts';
import {openHttp} from './open/http.ts';
import {openTarball} from './open/tarball.ts';
import type {Source} from './parse-source.ts';

export interface OpenOptions extends StepOptions<SourceEvent> {
  /** Where the private folder is made. Default the system's folder for temporary files. */
  readonly parent?: string | undefined;
  /** Of a folder: takes the installed `node_modules` along as they lie there. Default false. */
  readonly installed?: boolean | undefined;
  /** Of a folder: tells the files that come along although git ignores them. */
  readonly include?: ((path: string) => boolean) | undefined;
  /** Of a folder: tells also of what git ignores and of `node_modules`, which otherwise go without saying. Default false. */
  readonly explain?: boolean | undefined;
  /** Of a download: the token for its host (default the URL's, else `.netrc`), and the most bytes (default 2 GiB). */
  readonly http?: {readonly token?: string | undefined; readonly maxBytes?: number | undefined} | undefined;
}

type Open<S extends Source> = (source: S, dir: string, options: OpenOptions) => Promise<Revision>;

const OPEN = {
  directory: openDirectory,
  tarball: openTarball,
  http: openHttp,
  git: openGit,
} satisfies {[K in Source['kind']]: Open<Extract<Source, {kind: K}>>};

/**
 * Makes a source local, in a folder that only this user can read and that is gone when the checkout is disposed. The user's own folder
 * is never touched. `.git`, `.env*` (but `.env.example` and `.env.sample`), editors' leavings and `node_modules` beside a package.json stay out.
 * Faults: SOURCE_MISSING, SOURCE_UNSAFE_LINK, SOURCE_LFS_POINTER; of a download SOURCE_UNREACHABLE, SOURCE_AUTH, SOURCE_DIGEST,
 * SOURCE_TOO_LARGE; those of git and of unpackTarball.
 */
export async function openSource(source: Source, options: OpenOptions = {}): Promise<Checkout> {
  options.signal?.throwIfAborted();
  const folder = await temporaryDirectory({prefix: 'keelson-source-', parent: options.parent});
  try {
    const dir = join(folder.path, 'app');
    const open = OPEN[source.kind] as Open<Source>;
    const revision = await open(source, dir, options);
    options.signal?.throwIfAborted();
    return {
      kind: 'checkout',
      dir,
      from: printable(source),
      ...revision,
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

function printable(source: Source): Checkout['from'] {
  if (source.kind === 'http') return {kind: 'tarball', path: withoutCredentials(source.url)};
  return source.kind === 'git' ? {...source, url: withoutCredentials(source.url)} : source;
}
