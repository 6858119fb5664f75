import {writeAtomic} from '@keelson/atomic-fs';
import {readIfThere} from './release-store.ts';

/** Which ports an app's process types have, whatever a release's Procfile says: written once, only ever added to. */
export interface PortPlan {
  readonly base: number;
  /** A type's place decides its ports. */
  readonly types: readonly string[];
}

export async function readPorts(path: string): Promise<PortPlan | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : (JSON.parse(text) as PortPlan);
}

export function writePorts(path: string, plan: PortPlan): Promise<void> {
  return writeAtomic(path, `${JSON.stringify(plan, null, 2)}\n`, {mode: 0o600});
}
