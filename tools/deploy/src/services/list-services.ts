import {askServer} from '../ask-server.ts';
import type {ServerStatus} from '../control-server.ts';
import type {DeployWay} from '../deploy-archive.ts';
import type {DeployPlace} from '../deploy-place.ts';
import {hostOfPort} from '../runtime/said-by-units.ts';
import {currentWorkload, type ServicesWay} from './current-workload.ts';

export interface Service {
  /** Process type. */
  readonly name: string;
  /** Counted from 1, as in `web.1`. */
  readonly instance: number;
  /** Where it takes connections; undefined: it takes none. */
  readonly socket?: {readonly type: 'tcp' | 'tcp6'; readonly address: string} | undefined;
}

export interface Services {
  readonly kind: 'services';
  readonly app: string;
  readonly release: number;
  readonly services: readonly Service[];
}

/** The instances of an app on this machine, and where each takes connections. Faults: those of `currentWorkload`. */
export async function listServices(place: DeployPlace, way: ServicesWay): Promise<Services> {
  const {release, instances} = await currentWorkload(place, way);
  const services: Service[] = [];
  for (const {type, name, port} of instances) {
    const host = type === 'web' ? await hostOf(place, port, way) : undefined;
    services.push({
      name: type,
      instance: Number(name.slice(type.length + 1)),
      socket: host === undefined ? undefined : socketOf(host, port),
    });
  }
  return {kind: 'services', app: place.app, release: release.number, services};
}

/** As CID's `service list`: columns with tabs between them; of what takes no connections two. */
export function serviceLine({name, instance, socket}: Service): string {
  return [name, instance, ...(socket === undefined ? [] : [socket.type, socket.address])].join('\t');
}

function socketOf(host: string, port: number): Service['socket'] {
  return host.includes(':')
    ? {type: 'tcp6', address: `[${host}]:${port}`}
    : {type: 'tcp', address: `${host}:${port}`};
}

/** systemd's units say it, or the server. */
async function hostOf(place: DeployPlace, port: number, {step, here}: DeployWay): Promise<string> {
  const otherwise = here.host ?? '127.0.0.1';
  if (place.kind === 'server') {
    const {signal} = step;
    const status = await askServer<ServerStatus>(place.server, {method: 'GET', path: '/status'}, {signal});
    return status.apps.find(({name}) => name === place.app)?.host ?? otherwise;
  }
  return (await hostOfPort(place.app, place.scope, port)) ?? otherwise;
}
