import {join} from 'node:path';

import {bindTest, type BindTest} from './bind-test.ts';
import {LimitsFault} from './fault.ts';
import {type Instance, isPort, LAST_PORT, wantedInstances} from './wanted-instances.ts';

/** Where something listens. */
export type Address =
  | {readonly type: 'tcp' | 'udp'; readonly host: string; readonly port: number}
  | {readonly type: 'unix'; readonly path: string};

/** What an entry point's instances listen on. */
export interface WantedAddress {
  /** Of the entry point; instances are `web.1`, `web.2`, … */
  readonly name: string;
  /** Default 1. */
  readonly instances?: number | undefined;
  /** Default 'tcp'. */
  readonly type?: Address['type'] | undefined;
  /** Fixed port of the first instance; the others follow it. Default: assigned. */
  readonly port?: number | undefined;
  /** Default '127.0.0.1' where `internal`, else that of the options. */
  readonly host?: string | undefined;
  /** Only for this machine. */
  readonly internal?: boolean | undefined;
}

/** What instances were given; kept between deploys. */
export interface PortLedger {
  readonly kind: 'port-ledger';
  /** `web.1` → port. */
  readonly tcp: Readonly<Record<string, number>>;
  readonly udp: Readonly<Record<string, number>>;
  /** `web.1` → path. */
  readonly unix: Readonly<Record<string, string>>;
}

export interface PortAssignment {
  readonly kind: 'port-assignment';
  /** Instance → address. */
  readonly assignments: Readonly<Record<string, Address>>;
  /** To be kept for the next time. */
  readonly ledger: PortLedger;
}

export interface AssignOptions {
  /** Default: binds for real. */
  readonly bindTest?: BindTest | undefined;
  /** First port that is tried. Default 1025, as in CID. */
  readonly from?: number | undefined;
  /** Default '0.0.0.0'. */
  readonly host?: string | undefined;
  /** Of unix sockets: `<runtimeDir>/<instance>.sock`. */
  readonly runtimeDir?: string | undefined;
}

// sun_path of unix(7) holds 108 bytes, the last of them a NUL.
const LONGEST_PATH = 107;

function pathOf(id: string, runtimeDir: string | undefined): string {
  if (runtimeDir === undefined)
    throw new LimitsFault('LIMITS_ADDRESS', `${id}: a unix socket needs a folder, runtimeDir`);
  const path = join(runtimeDir, `${id}.sock`);
  const bytes = Buffer.byteLength(path);
  if (bytes > LONGEST_PATH)
    throw new LimitsFault(
      'LIMITS_ADDRESS',
      `${id}: ${path} has ${bytes} bytes, a unix socket's path at most ${LONGEST_PATH}`,
    );
  return path;
}

/** Fixed ports by number; two who want the same are refused, whatever their hosts. */
function fixedPorts(instances: readonly Instance[], type: 'tcp' | 'udp'): Map<number, string> {
  const owners = new Map<number, string>();
  for (const {id, fixed} of instances.filter((one) => one.type === type)) {
    if (fixed === undefined) continue;
    const owner = owners.get(fixed);
    if (owner !== undefined)
      throw new LimitsFault(
        'LIMITS_ADDRESS_TAKEN',
        `${type} port ${fixed} is wanted by ${owner} and by ${id}`,
      );
    owners.set(fixed, id);
  }
  return owners;
}

/** Ports of one protocol: fixed ones, then those that the ledger holds, then new ones. */
async function portsOf(
  type: 'tcp' | 'udp',
  instances: readonly Instance[],
  {kept, test, from}: {kept: Readonly<Record<string, number>>; test: BindTest; from: number},
): Promise<{given: Map<string, number>; ledger: Record<string, number>}> {
  const fixed = fixedPorts(instances, type);
  const given = new Map<string, number>();
  const taken = new Set(fixed.keys());
  const unplaced: Instance[] = [];
  for (const instance of instances.filter((one) => one.type === type)) {
    const {id, host} = instance;
    const held = Object.hasOwn(kept, id) ? kept[id] : undefined;
    // The old version still listens on what it was given: only what is new to us is tried.
    if (instance.fixed !== undefined) {
      const result =
        held === instance.fixed ? 'free' : await tested(test, id)({type, host, port: instance.fixed});
      if (result !== 'free') throw unbindable(id, `${type} port ${instance.fixed}`, result);
      given.set(id, instance.fixed);
    } else if (held !== undefined && isPort(held) && !taken.has(held)) {
      given.set(id, held);
      taken.add(held);
    } else unplaced.push(instance);
  }
  const reserved = new Map(
    Object.entries(kept).filter(([id, port]) => !given.has(id) && !fixed.has(port) && isPort(port)),
  );
  for (const {id} of unplaced) reserved.delete(id);
  for (const held of reserved.values()) taken.add(held);
  let port = from;
  for (const {id, host} of unplaced) {
    while (port <= LAST_PORT && (taken.has(port) || (await tested(test, id)({type, host, port})) !== 'free'))
      port++;
    if (port > LAST_PORT)
      throw new LimitsFault('LIMITS_ADDRESS', `${id}: no ${type} port from ${from} to ${LAST_PORT} is free`, {
        hint: 'Take names that will not come back out of the ledger.',
      });
    given.set(id, port++);
  }
  return {given, ledger: Object.fromEntries([...reserved, ...given].sort(([a], [b]) => (a < b ? -1 : 1)))};
}

/** The test, with its failures in our words: a host that is not of this machine. */
function tested(test: BindTest, id: string): BindTest {
  return async (address) => {
    try {
      return await test(address);
    } catch (cause) {
      const where =
        address.type === 'unix' ? address.path : `${address.type} ${address.host}:${address.port}`;
      throw new LimitsFault(
        'LIMITS_ADDRESS',
        `${id}: ${where} cannot be bound: ${(cause as Error).message}`,
        {cause},
      );
    }
  };
}

/** Paths of unix sockets, which follow from the names. */
async function pathsOf(
  instances: readonly Instance[],
  {
    kept,
    test,
    runtimeDir,
  }: {kept: Readonly<Record<string, string>>; test: BindTest; runtimeDir: string | undefined},
): Promise<Map<string, string>> {
  const given = new Map<string, string>();
  for (const {id} of instances.filter(({type}) => type === 'unix')) {
    const path = pathOf(id, runtimeDir);
    const held = Object.hasOwn(kept, id) && kept[id] === path;
    const result = held ? 'free' : await tested(test, id)({type: 'unix', path});
    if (result !== 'free') throw unbindable(id, path, result);
    given.set(id, path);
  }
  return given;
}

function unbindable(id: string, what: string, result: 'taken' | 'denied'): LimitsFault {
  const because = result === 'taken' ? 'is in use by another program' : 'may not be bound by this account';
  const hint =
    result === 'taken' ? 'Stop it, or choose another one.' : 'Ports below 1024 need CAP_NET_BIND_SERVICE.';
  return new LimitsFault('LIMITS_ADDRESS_TAKEN', `${id}: ${what} ${because}`, {hint});
}

/**
 * Gives every instance an address of its own, and the same one again as long as its ledger is kept: also one that was away for
 * a while. Only addresses that are new are bound for a test. Pure, but for the bind test. The order of `wanted` does not matter.
 * Faults: LIMITS_ADDRESS, LIMITS_ADDRESS_TAKEN.
 */
export async function assignPorts(
  wanted: readonly WantedAddress[],
  ledger: PortLedger | undefined,
  options: AssignOptions = {},
): Promise<PortAssignment> {
  const {bindTest: test = bindTest, from = 1025, host = '0.0.0.0', runtimeDir} = options;
  if (!isPort(from))
    throw new LimitsFault('LIMITS_ADDRESS', `from is ${from}, not a port from 1 to ${LAST_PORT}`);
  const instances = wantedInstances(wanted, host);
  const tcp = await portsOf('tcp', instances, {kept: ledger?.tcp ?? {}, test, from});
  const udp = await portsOf('udp', instances, {kept: ledger?.udp ?? {}, test, from});
  const unix = await pathsOf(instances, {kept: ledger?.unix ?? {}, test, runtimeDir});
  const addressOf = ({id, type, host: at}: Instance): Address =>
    type === 'unix'
      ? {type, path: unix.get(id)!}
      : {type, host: at, port: (type === 'tcp' ? tcp : udp).given.get(id)!};
  return {
    kind: 'port-assignment',
    assignments: Object.fromEntries(instances.map((instance) => [instance.id, addressOf(instance)])),
    ledger: {
      kind: 'port-ledger',
      tcp: tcp.ledger,
      udp: udp.ledger,
      unix: {...ledger?.unix, ...Object.fromEntries(unix)},
    },
  };
}
