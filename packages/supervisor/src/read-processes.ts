import {type ProcessConfig, readManifest} from '@keelson/manifest';
import type {StepOptions} from '@keelson/step';

/** A module of its own, so that only who needs it loads what checks it. */
export async function readProcesses(
  cwd: string,
  options: StepOptions,
): Promise<Readonly<Record<string, ProcessConfig>>> {
  return (await readManifest(cwd, options)).app.processes;
}
