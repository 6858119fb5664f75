import {clone, listRefs, withoutCredentials} from '@keelson/git';
import type {StepOptions} from '@keelson/step';
import type {Revision, SourceEvent} from '../checkout.ts';
import {SourceFault} from '../fault.ts';
import type {GitSource} from '../parse-source.ts';
import {removeExcluded} from '../remove-excluded.ts';

/** Clones one commit. A repository on this machine is no origin that anybody else could use. */
export async function openGit(
  source: GitSource,
  dir: string,
  options: StepOptions<SourceEvent>,
): Promise<Revision> {
  const {url, range} = source;
  const {signal} = options;
  const ref = range === undefined ? source.ref : await tagIn(url, range, options);
  const {revision} = await clone(url, dir, {ref, signal});
  await removeExcluded(dir, options);
  const local = url.startsWith('/') || url.startsWith('file:');
  return {revision, origin: local ? undefined : withoutCredentials(url), dirty: false};
}

/** The highest version among the tags (`1.2.0`, `v1.2.0`), as npm picks it. */
async function tagIn(url: string, range: string, {signal}: StepOptions<SourceEvent>): Promise<string> {
  const [refs, {default: maxSatisfying}, {default: clean}] = await Promise.all([
    listRefs(url, {signal}),
    import('semver/ranges/max-satisfying.js'),
    import('semver/functions/clean.js'),
  ]);
  const tags = new Map<string, string>();
  for (const {name} of refs) {
    const tag = /^refs\/tags\/(.+)$/.exec(name)?.[1];
    const version = tag === undefined ? null : clean(tag, {loose: true});
    if (version !== null) tags.set(version, tag!);
  }
  const best = maxSatisfying([...tags.keys()], range, {loose: true});
  if (best !== null) return `refs/tags/${tags.get(best)!}`;
  throw new SourceFault(
    'SOURCE_MISSING',
    `${withoutCredentials(url)} has no tag that is a version in the range ${range}`,
    {
      hint:
        tags.size === 0
          ? 'None of its tags is a version.'
          : `It has: ${[...tags.values()].slice(-5).join(', ')}`,
    },
  );
}
