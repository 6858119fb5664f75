import type {StepOptions} from '@keelson/step';
import type {Revision} from './read-tree.ts';

export interface CheckoutOptions extends StepOptions {
  readonly limits?: Partial<TreeLimits> | undefined;
}

export interface TreeLimits {
  /** Default 200 000. */
  readonly files: number;
  /** Of all contents together. Default 2 GiB. */
  readonly bytes: number;
}

/** Writes a commit's files byte for byte into a folder that does not exist or is empty; refuses trees that are not safe to have there. */
export async function checkoutTree(
  revision: Revision,
  dir: string,
  options: CheckoutOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(`${revision.revision} ${dir}`);
}
