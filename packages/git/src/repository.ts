import type {StepOptions} from '@keelson/step';

/** Creates a bare repository whose checkouts are byte-exact (no filters, no line ending conversion); harmless on an existing one. */
export async function initBare(dir: string, options: StepOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}

/** True for a folder that is a bare repository. */
export async function isBareRepository(dir: string): Promise<boolean> {
  throw new TypeError(dir);
}
