import {type Child, launch, type LaunchSpec} from '@keelson/spawn';
import type {ForkSpec} from './fork-worker.ts';

/** A process group of its own, or a worker of node:cluster: that module takes memory, and few ask for it. */
export async function launchWorker(spec: LaunchSpec | ForkSpec): Promise<Child> {
  if (!('exec' in spec)) return launch(spec);
  const {forkWorker} = await import('./fork-worker.ts');
  return forkWorker(spec);
}
