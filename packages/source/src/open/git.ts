import {clone, withoutCredentials} from '@keelson/git';
import type {StepOptions} from '@keelson/step';
import type {Revision, SourceEvent} from '../checkout.ts';
import {removeExcluded} from '../remove-excluded.ts';

/** Clones one commit. A repository on this machine is no origin that anybody else could use. */
export async function openGit(
  {url, ref}: {readonly url: string; readonly ref?: string | undefined},
  dir: string,
  options: StepOptions<SourceEvent>,
): Promise<Revision> {
  const {revision} = await clone(url, dir, {ref, signal: options.signal});
  await removeExcluded(dir, options);
  const local = url.startsWith('/') || url.startsWith('file:');
  return {revision, origin: local ? undefined : withoutCredentials(url), dirty: false};
}
