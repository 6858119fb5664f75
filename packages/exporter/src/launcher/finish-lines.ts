import type {PlannedProcess} from '../planned-processes.ts';
import {shellCommand, shellWord} from './quote.ts';

const pattern = (codes: readonly number[]) => codes.join('|');

/**
 * Lines of a script that a supervisor runs after a process ended, with its exit code in $1: what follows from the restart rule,
 * where the supervisor itself would always start it again. `down` is the line that says: not again.
 */
export function finishLines({of, cwd}: PlannedProcess, down: string): string[] {
  const {policy, preventExit, successExit, delayMs} = of.restart;
  const pause = Math.ceil(delayMs / 1000) - 1;
  const prevented = preventExit ? [`case $1 in ${pattern(preventExit)}) ${down} ;; esac`] : [];
  const never = policy === 'no' ? [down] : [];
  const succeeded =
    policy === 'on-failure' ? [`case $1 in ${pattern([0, ...(successExit ?? [])])}) ${down} ;; esac`] : [];
  return [
    ...(of.hooks.postStop ?? []).map(
      (hook) => `(cd ${shellWord(cwd)} && ${shellCommand(['/bin/sh', '-c', hook])})`,
    ),
    ...prevented,
    ...never,
    ...succeeded,
    // The supervisor waits a second anyway.
    ...(pause > 0 ? [`sleep ${pause}`] : []),
  ];
}
