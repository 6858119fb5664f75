import {existsSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {readReleases, type Release} from '@keelson/releases';
import type {StepOptions} from '@keelson/step';
import type {InstanceStatus} from '@keelson/supervisor';
import {appRoot} from './app-releases.ts';
import {askServer} from './ask-server.ts';
import type {ServerStatus} from './control-server.ts';
import {deployPlace} from './deploy-place.ts';
import {DeployServerFault} from './fault.ts';
import {askRelease} from './runtime/ask-release.ts';
import {releaseFiles} from './runtime/release-socket.ts';

/** What is current in a deploy root, and what runs of it. */
export interface AppStatus {
  readonly kind: 'app-status';
  readonly app: string;
  readonly root: string;
  readonly current: Pick<Release, 'number' | 'version' | 'digest' | 'config' | 'state'> | undefined;
  /** Who runs it, if anybody does. */
  readonly runtime: 'server' | 'systemd' | undefined;
  readonly generations: readonly {
    readonly name: string;
    readonly state: string;
    readonly instances: readonly InstanceStatus[];
  }[];
}

interface Wanted extends StepOptions {
  readonly root: string;
  readonly app?: string | undefined;
}

/**
 * Of a server's root what the server runs, of an app's what is current and runs, by whomever. Faults: SERVE_NOT_RUNNING (a server's root
 * without server), SERVE_UNKNOWN_APP.
 */
export async function statusOf({root: given, app, signal}: Wanted): Promise<ServerStatus | AppStatus> {
  const root = resolve(given);
  if (app === undefined && !existsSync(join(root, '.keelson/releases')))
    return askServer<ServerStatus>(root, {method: 'GET', path: '/status'}, {signal});
  const dir = appRoot(root, app);
  const {current} = await readReleases(dir, {signal});
  const place = await deployPlace({root: dir}).catch((error: unknown) => {
    if (error instanceof DeployServerFault && error.code === 'SERVE_NOT_RUNNING') return undefined;
    throw error;
  });
  const about = {kind: 'app-status', root: dir, current: current && factsOf(current)} as const;
  if (place === undefined) return {...about, app: basename(dir), runtime: undefined, generations: []};
  const runs = {...about, app: place.app, runtime: place.kind};
  if (place.kind === 'server') {
    const status = await askServer<ServerStatus>(place.server, {method: 'GET', path: '/status'}, {signal});
    const found = status.apps.find(({name}) => name === place.app);
    return {...runs, generations: found?.supervisor.generations ?? []};
  }
  const {number} = current ?? {};
  const answer =
    number === undefined
      ? undefined
      : await askRelease<InstanceStatus[]>(releaseFiles(dir, number).socket, '/status', signal);
  if (answer === undefined) return {...runs, runtime: undefined, generations: []};
  return {...runs, generations: [{name: String(number), state: 'open', instances: answer.value}]};
}

function factsOf({number, version, digest, config, state}: Release): AppStatus['current'] {
  return {number, version, digest, config, state};
}
