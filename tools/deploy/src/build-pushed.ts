import type {Archive} from '@keelson/archive';
import {buildArchive, openForBuild, type BuildEvent} from '@keelson/archive-builder';
import {parseSource, type Source} from '@keelson/source';
import type {StepOptions} from '@keelson/step';

export interface PushedSources {
  /** The folder that was pushed, or where it comes from. */
  readonly path: string | Source;
  readonly workspace?: string | undefined;
  /** Where the archive is written. */
  readonly out: string;
  /** Keeps installed dependencies for the next push. */
  readonly cache: string;
}

type Line<T extends BuildEvent['type']> = (event: Extract<BuildEvent, {type: T}>) => string | undefined;

const LINES: {readonly [T in BuildEvent['type']]?: Line<T>} = {
  'build:opened': ({name, version, packageManager}) => `building ${name} ${version} with ${packageManager}`,
  'build:installed': ({cached}) => (cached ? 'dependencies: as last time' : 'dependencies: installed'),
  'build:scripts-held-back': ({packages}) => `install scripts that did not run: ${packages.join(', ')}`,
  'build:rebuilt': ({packages}) => `install scripts ran of ${packages.join(', ')}`,
  'build:script-ran': ({name}) => `script ${name} ran`,
  'package-manager:line': ({line}) => (line.trim() === '' ? undefined : `  | ${line}`),
};

/** Builds what came as sources, as `keelson build` would; each step is told as a line. Faults: those of the builder. */
export async function buildPushed(
  {path, workspace, out, cache}: PushedSources,
  {signal, onLine}: Pick<StepOptions, 'signal'> & {readonly onLine: (line: string) => void},
): Promise<Archive> {
  const build = {out, workspace, cache};
  await using checkout = await openForBuild(typeof path === 'string' ? parseSource(path) : path, {
    build,
    signal,
  });
  return await buildArchive(checkout, {
    ...build,
    signal,
    onEvent(event) {
      const line = (LINES[event.type] as Line<BuildEvent['type']> | undefined)?.(event as never);
      if (line !== undefined) onLine(line);
    },
  });
}
