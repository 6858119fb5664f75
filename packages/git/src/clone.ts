import type {StepOptions} from '@keelson/step';
import type {Credentials} from './remote.ts';

export interface CloneOptions extends StepOptions {
  /** Branch, tag or full commit hash. Default the remote's HEAD. */
  readonly ref?: string | undefined;
  /** Commits of history. Default 1; 0 means all. */
  readonly depth?: number | undefined;
  readonly credentials?: Credentials | undefined;
}

export interface Clone {
  readonly kind: 'clone';
  readonly revision: string;
}

/** Clones into a folder that does not exist or is empty; nothing is left there on failure. */
export async function clone(url: string, dir: string, options: CloneOptions = {}): Promise<Clone> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${url} ${dir}`);
}
