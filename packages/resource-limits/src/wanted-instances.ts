import type {Address, WantedAddress} from './assign-ports.ts';
import {LimitsFault} from './fault.ts';

export const LAST_PORT = 65_535;
const TYPES: readonly string[] = ['tcp', 'udp', 'unix'] satisfies Address['type'][];

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= LAST_PORT;

/** One numbered instance that wants an address. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly index: number;
  readonly type: Address['type'];
  readonly host: string;
  readonly fixed: number | undefined;
}

const refuse = (because: string): never => {
  throw new LimitsFault('LIMITS_ADDRESS', because);
};

function instancesOf(wanted: WantedAddress, otherwise: string): Instance[] {
  const {name, instances = 1, type = 'tcp', port, internal = false, host} = wanted;
  // It is a part of a unix socket's path.
  if (!/^[^/\0]+$/.test(name))
    refuse(`${JSON.stringify(name)} is no name: it is empty, or has a slash or a NUL`);
  if (!TYPES.includes(type))
    refuse(`${name}: type is ${JSON.stringify(type)}, not one of ${TYPES.join(', ')}`);
  if (!Number.isInteger(instances) || instances < 0 || instances > LAST_PORT)
    refuse(`${name}: instances is ${instances}, not a whole number from 0 to ${LAST_PORT}`);
  if (type === 'unix' && port !== undefined)
    refuse(`${name}: a unix socket has no port, but port is ${port}`);
  const last = (port ?? 1) + Math.max(0, instances - 1);
  if (port !== undefined && !(isPort(port) && isPort(last)))
    refuse(`${name}: ports ${port} to ${last} are not all from 1 to ${LAST_PORT}`);
  return Array.from({length: instances}, (_, index) => ({
    id: `${name}.${index + 1}`,
    name,
    index,
    type,
    host: host ?? (internal ? '127.0.0.1' : otherwise),
    fixed: port === undefined ? undefined : port + index,
  }));
}

function byName(a: Instance, b: Instance): number {
  return a.name === b.name ? a.index - b.index : a.name < b.name ? -1 : 1;
}

/** Every instance by name, so that whoever is named first does not decide over all others. Faults: LIMITS_ADDRESS. */
export function wantedInstances(wanted: readonly WantedAddress[], host: string): Instance[] {
  const instances = wanted.flatMap((one) => instancesOf(one, host)).sort(byName);
  const twice = instances.find(({id}, index) => instances[index - 1]?.id === id);
  if (twice) refuse(`${twice.id} is there twice`);
  return instances;
}
