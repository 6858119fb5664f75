import type {ServeEvent} from './serve.ts';

/** One line about what a server does, for a terminal; undefined when there is nothing to say. */
export function serveLine(event: ServeEvent): string | undefined {
  if (event.type === 'serve:received') return `${event.app}: received ${event.digest ?? 'sources'}`;
  if (event.type === 'serve:resumed') return `${event.app}: release ${event.release} serves again`;
  if (event.type === 'serve:resume-failed') {
    const again = event.nextAt === undefined ? '' : `; tried again at ${event.nextAt}`;
    return `${event.app}: could not be resumed: ${event.because}${again}`;
  }
  if (event.type !== 'serve:answered') return undefined;
  const {release, result, because} = event.deployment;
  return `${event.app}: release ${release.number} ${result}${because === undefined ? '' : `: ${because}`}`;
}
