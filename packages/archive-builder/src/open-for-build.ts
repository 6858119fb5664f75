import {openSource, type Checkout, type Source, type SourceEvent} from '@keelson/source';
import type {StepOptions} from '@keelson/step';
import type {BuildOptions} from './build-options.ts';
import {includedBy} from './included.ts';

export interface OpenForBuildOptions extends StepOptions<SourceEvent> {
  /** Those of the build: `install`, `workspace` and `contents.include` say what has to come along. */
  readonly build?: Omit<BuildOptions, 'signal' | 'onEvent'> | undefined;
  /** Tells also of what git ignores and of `node_modules`. Default false. */
  readonly explain?: boolean | undefined;
}

/** A source made local as a build with these options needs it. Faults: those of openSource. */
export async function openForBuild(source: Source, options: OpenForBuildOptions = {}): Promise<Checkout> {
  const {build: {install = true, workspace, contents} = {}, ...others} = options;
  const patterns = contents?.include ?? [];
  // Of every workspace: the one that is built may need what others have made.
  const anywhere = workspace === undefined ? patterns : patterns.flatMap((one) => [one, `**/${one}`]);
  const include = patterns.length === 0 ? undefined : await includedBy(anywhere);
  return await openSource(source, {...others, installed: !install, include});
}
