import {ProcfileFault} from './fault.ts';
import {checkCounts, type Formation} from './formation.ts';
import type {ProcessType} from './parse-line.ts';
import {portPlaces, type PortOptions} from './port-places.ts';
import {requireTypes, type Procfile} from './procfile.ts';

/** One numbered copy of a process type that is told no port. */
export interface PortlessInstance {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly type: string;
  /** Counted from 1. */
  readonly index: number;
  /** A line for `/bin/sh -c`, verbatim from the Procfile. */
  readonly command: string;
  readonly port?: undefined;
}

/** One numbered copy of a process type: what a supervisor starts and an exporter renders. */
export interface Instance extends Omit<PortlessInstance, 'port'> {
  readonly port: number;
}

export interface FormationOptions extends PortOptions {
  /** Instances without a port. Default false. */
  readonly noPort?: boolean | undefined;
}

/**
 * Numbered instances in the order of the Procfile. An empty formation is one of each type; in any other one a type that
 * is not named (nor covered by `all`) gets none. Port: base + step × the type's place in the Procfile + index − 1, so
 * that it stays the same whatever else is started.
 * Faults: FORMATION_UNKNOWN_TYPE, FORMATION_SYNTAX, PORT_INVALID, PORT_COLLISION, PROCFILE_EMPTY.
 */
export function expandFormation(
  procfile: Procfile,
  formation?: Formation,
  options?: PortOptions & {readonly noPort?: false | undefined},
): Instance[];
export function expandFormation(
  procfile: Procfile,
  formation: Formation | undefined,
  options: FormationOptions,
): (Instance | PortlessInstance)[];
export function expandFormation(
  procfile: Procfile,
  formation: Formation = {},
  options: FormationOptions = {},
): (Instance | PortlessInstance)[] {
  const {types} = requireTypes(procfile);
  checkCounts(formation);
  checkNames(types, formation);
  const counted = types.map((type) => ({type, count: countOf(type.name, formation)}));
  if (options.noPort) return counted.flatMap(({type, count}) => numbered(type, count));
  const firstPorts = portPlaces(counted, Object.keys(formation), options);
  return counted.flatMap(({type, count}) =>
    numbered(type, count).map((one) => ({...one, port: firstPorts.get(type.name)! + one.index - 1})),
  );
}

function countOf(name: string, formation: Formation): number {
  if (Object.hasOwn(formation, name)) return formation[name]!;
  if (Object.hasOwn(formation, 'all')) return formation['all']!;
  return Object.keys(formation).length === 0 ? 1 : 0;
}

function numbered(type: ProcessType, count: number): PortlessInstance[] {
  return Array.from({length: count}, (_, offset) => ({
    name: `${type.name}.${offset + 1}`,
    type: type.name,
    index: offset + 1,
    command: type.command,
  }));
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
