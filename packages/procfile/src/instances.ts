import {ProcfileFault} from './fault.ts';
import {checkCounts, type Formation} from './formation.ts';
import {requireTypes, type ProcessType, type Procfile} from './procfile.ts';

/** One numbered copy of a process type: what a supervisor starts and an exporter renders. */
export interface Instance {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly type: string;
  /** Counted from 1. */
  readonly index: number;
  /** A line for `/bin/sh -c`, verbatim from the Procfile. */
  readonly command: string;
  readonly port: number;
}

export interface PortOptions {
  /** Port of the first instance of the first type. Default 5000. */
  readonly basePort?: number | undefined;
  /** Distance between the ports of two types. Default 100. */
  readonly portStep?: number | undefined;
}

const MAX_PORT = 65_535;

/**
 * Numbered instances in the order of the Procfile. An empty formation is one of each type; in any other one a type that
 * is not named (nor covered by `all`) gets none. Port: base + step × the type's place in the Procfile + index − 1, so
 * that it stays the same whatever else is started.
 * Faults: FORMATION_UNKNOWN_TYPE, FORMATION_SYNTAX, PORT_INVALID, PORT_COLLISION, PROCFILE_EMPTY.
 */
export function expandFormation(
  procfile: Procfile,
  formation: Formation = {},
  options: PortOptions = {},
): Instance[] {
  const {basePort = 5000, portStep = 100} = options;
  checkPorts(basePort, portStep);
  const {types} = requireTypes(procfile);
  checkCounts(formation);
  checkNames(types, formation);
  const instances = types.flatMap((type, place) =>
    numbered(type, countOf(type.name, formation), basePort + portStep * place),
  );
  checkCollisions(instances, portStep);
  return instances;
}

/** Text such as the value of PORT to a port from 1 to 65535; throws PORT_INVALID, calling it `name`. */
export function parsePort(text: string, name = 'PORT'): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= MAX_PORT) return port;
  throw new ProcfileFault('PORT_INVALID', `${name} is not a port: ${JSON.stringify(text)}`, {
    hint: `A port is a whole number from 1 to ${MAX_PORT}.`,
  });
}

function countOf(name: string, formation: Formation): number {
  if (Object.hasOwn(formation, name)) return formation[name]!;
  if (Object.hasOwn(formation, 'all')) return formation['all']!;
  return Object.keys(formation).length === 0 ? 1 : 0;
}

function numbered(type: ProcessType, count: number, firstPort: number): Instance[] {
  const last = firstPort + count - 1;
  if (count > 0 && last > MAX_PORT)
    throw new ProcfileFault(
      'PORT_INVALID',
      `${type.name}.${count} would get port ${last}, above ${MAX_PORT}`,
      {
        hint: 'Lower the base port, the step or the number of instances.',
      },
    );
  return Array.from({length: count}, (_, offset) => ({
    name: `${type.name}.${offset + 1}`,
    type: type.name,
    index: offset + 1,
    command: type.command,
    port: firstPort + offset,
  }));
}

function checkPorts(basePort: number, portStep: number): void {
  parsePort(String(basePort), 'base port');
  if (!Number.isSafeInteger(portStep) || portStep < 1)
    throw new ProcfileFault('PORT_INVALID', `port step has to be a whole number from 1, not ${portStep}`);
}

function checkNames(types: readonly ProcessType[], formation: Formation): void {
  const unknown = Object.keys(formation).filter(
    (name) => name !== 'all' && !types.some((type) => type.name === name),
  );
  if (unknown.length > 0)
    throw new ProcfileFault('FORMATION_UNKNOWN_TYPE', `unknown process ${unknown.join(', ')}`, {
      hint: `The Procfile defines: ${types.map((type) => type.name).join(', ')}.`,
    });
}

function checkCollisions(instances: readonly Instance[], portStep: number): void {
  const owners = new Map<number, string>();
  for (const {name, port} of instances) {
    const owner = owners.get(port);
    if (owner !== undefined)
      throw new ProcfileFault('PORT_COLLISION', `${owner} and ${name} would both get port ${port}`, {
        hint: `Types are ${portStep} ports apart: start fewer instances or use a wider step.`,
      });
    owners.set(port, name);
  }
}
