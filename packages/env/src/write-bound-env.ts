import type {BoundEnv} from './bind.ts';
import {serializeEnv} from './serialize.ts';

/**
 * Writes a configuration for its owner alone (0600); whoever reads the file finds the old content or the new. A path that ends in
 * `.json` gets the value itself, any other a `.env` text. Throws ENV_SYNTAX as `serializeEnv` does.
 */
export async function writeBoundEnv(bound: BoundEnv, path: string): Promise<void> {
  const text = path.endsWith('.json') ? `${JSON.stringify(bound, null, 2)}\n` : serializeEnv(bound.values);
  const {writeAtomic} = await import('@keelson/atomic-fs');
  await writeAtomic(path, text, {mode: 0o600});
}
