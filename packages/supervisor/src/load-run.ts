import {statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

interface Run {
  readonly runHere: typeof import('./run-here.ts').runHere;
  readonly runOptions: typeof import('./run-options.ts').runOptions;
}

/** What runs the service, from the one file that bundle.js makes: as modules one by one it takes several megabytes more. */
export async function loadRun(): Promise<Run> {
  const bundle = new URL('run.cjs', import.meta.url);
  const made = timeOf(bundle);
  // In a working copy the compiler may have been here since; its file is in no package.
  if (made !== undefined && made >= (timeOf(new URL('.tsbuildinfo', import.meta.url)) ?? 0))
    return createRequire(import.meta.url)(fileURLToPath(bundle)) as Run;
  const [{runHere}, {runOptions}] = await Promise.all([import('./run-here.ts'), import('./run-options.ts')]);
  return {runHere, runOptions};
}

function timeOf(file: URL): number | undefined {
  return statSync(file, {throwIfNoEntry: false})?.mtimeMs;
}
