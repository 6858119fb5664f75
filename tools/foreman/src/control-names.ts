import picomatch from 'picomatch';
import {ForemanFault} from './fault.ts';
import type {ProcessStatus} from './process-status.ts';

/**
 * The processes that the names mean, in their own order: `web.1`, `web` for all of a type, `web.*` or `*` with wildcards.
 * No names mean all. Throws FOREMAN_UNKNOWN_PROCESS, telling which there are.
 */
export function chooseProcesses(
  processes: readonly ProcessStatus[],
  names: readonly string[],
): readonly ProcessStatus[] {
  if (names.length === 0) return processes;
  const tests = names.map((name) => ({name, matches: picomatch(name, {dot: true})}));
  const isMeant = (wanted: (typeof tests)[number], one: ProcessStatus) =>
    one.name === wanted.name || one.type === wanted.name || wanted.matches(one.name);
  const unknown = tests.filter((wanted) => !processes.some((one) => isMeant(wanted, one)));
  if (unknown.length > 0)
    throw new ForemanFault(
      'FOREMAN_UNKNOWN_PROCESS',
      `there is no process ${unknown.map(({name}) => name).join(', ')}`,
      {hint: `There are: ${processes.map(({name}) => name).join(', ')}.`},
    );
  return processes.filter((one) => tests.some((wanted) => isMeant(wanted, one)));
}
