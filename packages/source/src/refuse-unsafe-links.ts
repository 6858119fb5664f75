import {findUnsafeLink} from '@keelson/archive';
import {SourceFault} from './fault.ts';

/** @param links path → target */
export function refuseUnsafeLinks(links: ReadonlyMap<string, string>, where: string): void {
  const bad = findUnsafeLink(links);
  if (bad === undefined) return;
  const what = `${JSON.stringify(bad.path)} in ${where} is a link to ${JSON.stringify(bad.target)}`;
  throw new SourceFault('SOURCE_UNSAFE_LINK', `${what} and ${bad.because}`, {
    hint: 'Another machine would not find what it points to: copy that into the app, or make it a dependency.',
  });
}
