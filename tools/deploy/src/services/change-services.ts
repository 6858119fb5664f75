import {readReleases} from '@keelson/releases';
import {askServer} from '../ask-server.ts';
import {changeConfig} from '../config-edit.ts';
import type {DeployWay} from '../deploy-archive.ts';
import type {DeployPlace} from '../deploy-place.ts';
import {DeployServerFault} from '../fault.ts';
import {askRelease} from '../runtime/ask-release.ts';
import {releaseFiles} from '../runtime/release-socket.ts';
import {isActive, systemctl} from '../runtime/systemctl.ts';
import {ended, untilItAnswers} from '../runtime/systemd.ts';
import {appUnit, releaseUnit, socketUnit} from '../runtime/systemd-units.ts';
import {currentWorkload} from './current-workload.ts';

export interface ServicesChanged {
  readonly kind: 'services-changed';
  readonly app: string;
  readonly release: number;
  /** `not-ready`: what ran before runs on. */
  readonly result: 'stopped' | 'reloaded' | 'started' | 'not-ready';
  readonly because?: string | undefined;
  readonly output?: readonly string[] | undefined;
}

/** Ends the processes of an app, which finish what they began. The release stays current: `reloadServices`, a deploy, or a restart start it. */
export async function stopServices(place: DeployPlace, way: DeployWay): Promise<ServicesChanged> {
  if (place.kind === 'server') return ask(place, 'stop', way);
  const {app, scope} = place;
  const {number, sockets} = await unitsNow(place, way);
  // The sockets first: a connection would start it again.
  await systemctl(scope, ['stop', ...sockets, appUnit(app), releaseUnit(app, number)], way.step);
  return {kind: 'services-changed', app, release: number, result: 'stopped'};
}

/**
 * Replaces the processes of an app, or of `target` (`web`, `web.1`), one after another without losing a request; starts what is stopped. One
 * that does not get healthy leaves the old ones. Faults: SUPERVISOR_NO_TARGET, SERVE_*.
 */
export async function reloadServices(
  place: DeployPlace,
  target: string | undefined,
  way: DeployWay,
): Promise<ServicesChanged> {
  if (place.kind === 'server')
    return ask(place, `reload${target === undefined ? '' : `?target=${target}`}`, way);
  const {app, scope, root} = place;
  const {number, sockets} = await unitsNow(place, way);
  const about = {kind: 'services-changed', app, release: number} as const;
  const files = releaseFiles(root, number);
  if (!(await isActive(scope, releaseUnit(app, number)))) {
    if (sockets.length > 0) await systemctl(scope, ['start', ...sockets], way.step);
    await systemctl(scope, ['start', releaseUnit(app, number)], way.step);
    await systemctl(scope, ['start', '--no-block', appUnit(app)], way.step);
    const started = {name: app, root, scope};
    await untilItAnswers(started, number, way.step);
    const {value} = (await askRelease<ReloadAnswer>(files.socket, '/ready', way.step.signal)) ?? {};
    const ready = resultOf(value ?? (await ended(started, {release: number})));
    return {...about, ...ready, ...(ready.result === 'reloaded' && {result: 'started'})};
  }
  const query = target === undefined ? '' : `?target=${encodeURIComponent(target)}`;
  const answer = await askRelease<ReloadAnswer>(files.socket, `/restart${query}`, way.step.signal);
  if (answer === undefined)
    throw new DeployServerFault('SERVE_FAILED', `${releaseUnit(app, number)} ended before it answered`, {
      temporary: true,
    });
  return {...about, ...resultOf(answer.value)};
}

/** Hands the app over to processes that share the machine as it is now, behind the gate: a release of its own, with the same files and configuration. */
export async function adaptServices(place: DeployPlace, way: DeployWay): Promise<ServicesChanged> {
  const {deployment} = await changeConfig(place, {edit: 'set', values: {}}, {...way, roll: true});
  const about = {kind: 'services-changed', app: place.app} as const;
  if (deployment === undefined) throw new DeployServerFault('SERVE_BAD_VALUE', 'nothing is deployed');
  const {release, result, because, output} = deployment;
  return result === 'deployed'
    ? {...about, release: release.number, result: 'reloaded'}
    : {...about, release: deployment.replaced ?? release.number, result: 'not-ready', because, output};
}

interface ReloadAnswer {
  readonly state: 'ready' | 'not-ready';
  readonly instance?: string;
  readonly because?: string;
  readonly output?: readonly string[];
}

/** What the supervisor says about a restart, as a result. */
export function resultOf({
  state,
  instance,
  because,
  output,
}: ReloadAnswer): Pick<ServicesChanged, 'result' | 'because' | 'output'> {
  return state === 'ready'
    ? {result: 'reloaded'}
    : {result: 'not-ready', because: `${instance}: ${because}`, output};
}

function ask(
  {server, app}: Extract<DeployPlace, {kind: 'server'}>,
  verb: string,
  {step: {signal}}: DeployWay,
): Promise<ServicesChanged> {
  return askServer<ServicesChanged>(server, {method: 'POST', path: `/apps/${app}/${verb}`}, {signal});
}

async function unitsNow(place: Extract<DeployPlace, {kind: 'systemd'}>, way: DeployWay) {
  const {current} = await readReleases(place.root);
  const workload = await currentWorkload(place, way);
  const ports = workload.instances.filter(({type}) => type === 'web').map(({port}) => port);
  return {number: current!.number, sockets: ports.map((port) => socketUnit(place.app, port))};
}
