import {MAX_PORT, parsePort} from './base-port.ts';
import {ProcfileFault} from './fault.ts';
import type {ProcessType} from './parse-line.ts';

export interface PortOptions {
  /** Port of the first instance of the first type. Default 5000. */
  readonly basePort?: number | undefined;
  /** Distance between the ports of two types. Default 100. */
  readonly portStep?: number | undefined;
  /**
   * What a type's place is counted in: the Procfile (default, as in foreman and heroku), so that it stays whatever else is started;
   * or the formation as it was written, as node-foreman and honcho count.
   */
  readonly portsBy?: 'procfile' | 'selection' | undefined;
  /** Type → port of its first instance, whatever its place. Other types keep theirs. */
  readonly fixedPorts?: Readonly<Record<string, number | undefined>> | undefined;
}

interface CountedType {
  readonly type: ProcessType;
  readonly count: number;
}

interface PortRange {
  readonly name: string;
  readonly first: number;
  readonly count: number;
}

/**
 * The port of each type's first instance. `selection` are the names of the formation in its order.
 * Throws PORT_INVALID, and PORT_COLLISION when a type has more instances than there are ports up to the next type's place.
 */
export function portPlaces(
  types: readonly CountedType[],
  selection: readonly string[],
  options: PortOptions,
): ReadonlyMap<string, number> {
  const {basePort = 5000, portStep = 100, portsBy = 'procfile', fixedPorts = {}} = options;
  parsePort(String(basePort), 'base port');
  if (!Number.isSafeInteger(portStep) || portStep < 1)
    throw new ProcfileFault('PORT_INVALID', `port step has to be a whole number from 1, not ${portStep}`);
  const ordered = portsBy === 'selection' ? inSelection(types, selection) : types;
  const placed = ordered.map(({type: {name}, count}, place) => ({
    name,
    count,
    first: basePort + portStep * place,
  }));
  const ranges = placed.map((range): PortRange => {
    const fixed = Object.hasOwn(fixedPorts, range.name) ? fixedPorts[range.name] : undefined;
    return fixed === undefined ? range : {...range, first: parsePort(String(fixed), `port of ${range.name}`)};
  });
  for (const range of ranges) checkTop(range);
  checkOverlaps(ranges, portStep);
  if (portsBy === 'procfile')
    checkPlaces(
      placed.filter((range) => ranges.includes(range)),
      portStep,
    );
  return new Map(ranges.map(({name, first}) => [name, first]));
}

/** The types that are named first, in the order in which they are; then the others. */
function inSelection(types: readonly CountedType[], selection: readonly string[]): CountedType[] {
  const named = selection.flatMap((name) => types.filter(({type}) => type.name === name));
  return [...named, ...types.filter((one) => !named.includes(one))];
}

function checkTop({name, first, count}: PortRange): void {
  const last = first + count - 1;
  if (count > 0 && last > MAX_PORT)
    throw new ProcfileFault('PORT_INVALID', `${name}.${count} would get port ${last}, above ${MAX_PORT}`, {
      hint: 'Lower the base port, the step or the number of instances.',
    });
}

function checkOverlaps(ranges: readonly PortRange[], portStep: number): void {
  const used = ranges.filter(({count}) => count > 0).toSorted((one, other) => one.first - other.first);
  for (const [index, range] of used.entries()) {
    const next = used[index + 1];
    if (next !== undefined && range.first + range.count > next.first)
      throw collision(range, next, {portStep, later: ''});
  }
}

/** A type that is not started keeps its place, so that starting it later, or elsewhere beside this, moves no port. */
function checkPlaces(placed: readonly PortRange[], portStep: number): void {
  for (const [index, range] of placed.entries()) {
    const next = placed[index + 1];
    if (next !== undefined && range.first + range.count > next.first)
      throw collision(range, next, {portStep, later: ' (when it is started)'});
  }
}

function collision(
  range: PortRange,
  next: PortRange,
  {portStep, later}: {readonly portStep: number; readonly later: string},
): ProcfileFault {
  const name = `${range.name}.${next.first - range.first + 1}`;
  return new ProcfileFault(
    'PORT_COLLISION',
    `${name} and ${next.name}.1${later} would both get port ${next.first}`,
    {
      hint: `Types are ${portStep} ${portStep === 1 ? 'port' : 'ports'} apart: start fewer instances, or use a wider step or another fixed port.`,
    },
  );
}
