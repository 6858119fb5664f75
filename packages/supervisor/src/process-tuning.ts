import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import type {ProcessConfig} from '@keelson/manifest';
import type {StepOptions} from '@keelson/step';

/**
 * What package.json says about the process types of an app, by type; nothing without a package.json. The section is checked as a
 * whole when there is one: what checks it takes memory, and most supervisors run for months without.
 * Faults: MANIFEST_INVALID.
 */
export async function processTuning(
  cwd: string,
  options: StepOptions,
): Promise<Readonly<Record<string, ProcessConfig>>> {
  if (!(await hasSection(join(cwd, 'package.json')))) return {};
  const {readProcesses} = await import('./read-processes.ts');
  return readProcesses(cwd, options);
}

async function hasSection(path: string): Promise<boolean> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as {keelson?: {processes?: unknown}} | null;
    return value?.keelson?.processes !== undefined;
  } catch {
    // None, or not JSON: whoever needs more of it says so better than we could.
    return false;
  }
}
