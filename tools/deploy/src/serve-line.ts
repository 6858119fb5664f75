import type {ConfigServerState} from './follow-config-servers.ts';
import type {ServeEvent} from './serve.ts';

/** One line about what a server does, for a terminal; undefined when there is nothing to say. */
export function serveLine(event: ServeEvent): string | undefined {
  if (event.type === 'serve:received') return `${event.app}: received ${event.digest ?? 'sources'}`;
  if (event.type === 'serve:resumed') return `${event.app}: release ${event.release} serves again`;
  if (event.type === 'serve:resume-failed') {
    const again = event.nextAt === undefined ? '' : `; tried again at ${event.nextAt}`;
    return `${event.app}: could not be resumed: ${event.because}${again}`;
  }
  if (event.type === 'serve:config-rolled') {
    const result = event.because === undefined ? 'rolled' : `not rolled: ${event.because}`;
    return `${event.app}: its configuration has changed: release ${event.release} ${result}`;
  }
  if (event.type === 'serve:config-unreachable')
    return `${event.app}: its configuration server cannot be asked: ${event.because}; asked again until it answers`;
  if (event.type === 'serve:config-reached') return `${event.app}: its configuration server answers again`;
  if (event.type !== 'serve:answered') return undefined;
  const {release, result, because} = event.deployment;
  return `${event.app}: release ${release.number} ${result}${because === undefined ? '' : `: ${because}`}`;
}

/** For the status of an app. */
export function configServerLine({reader, because, nextAt}: ConfigServerState): string {
  const problem =
    because === undefined ? '' : `, which cannot be asked: ${because}; asked again at ${nextAt}`;
  return `has the configuration of ${reader}${problem}`;
}
