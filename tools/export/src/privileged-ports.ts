import type {ServiceModel, ServiceProcess} from '@keelson/exporter';

// ip_unprivileged_port_start of ip-sysctl: below it only root may listen, or who has the capability.
const FIRST_FREE = 1024;
const BIND = 'CAP_NET_BIND_SERVICE';

function isPrivileged({port, instances}: ServiceProcess): boolean {
  return port !== undefined && port.base < FIRST_FREE && (instances ?? 1) > 0;
}

/** Lets processes of an account that isn't root listen on their ports below 1024, unless the manager does that for them. */
export function privilegedPorts(model: ServiceModel): {
  readonly model: ServiceModel;
  readonly notes: string[];
} {
  const {user, target} = model;
  if (!user || user.name === 'root' || user.name === '0' || target?.scope === 'user')
    return {model, notes: []};
  const notes: string[] = [];
  const processes = model.processes.map((process) => {
    const {capabilities = [], name, port, sockets} = process;
    if (!isPrivileged(process) || sockets || capabilities.includes(BIND)) return process;
    notes.push(`${name}: port ${port!.base} is below ${FIRST_FREE}: ${user.name} gets ${BIND}`);
    return {...process, capabilities: [...capabilities, BIND]};
  });
  return {model: {...model, processes}, notes};
}
