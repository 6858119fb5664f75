import {SupervisorFault} from './fault.ts';
import type {Slot} from './slot.ts';
import {takesTraffic} from './worker-plans.ts';
import type {SupervisedInstance} from './workload.ts';

interface Slotted {
  readonly instance: SupervisedInstance;
  readonly slots: readonly Slot[];
}

/** A size that nobody asks for on purpose; each worker is a process. */
const MOST_WORKERS = 1024;

/** The word that means one worker alone: the tag of the first one is that of its instance. */
export const targetOf = (tag: string): string => (tag.includes('/') ? tag : `${tag}/1`);

/**
 * The slots that a word means: a type (`web`), an instance (`web.1`), one worker of it (`web.1/1`, `web.1/2`); all without it.
 * @throws SupervisorFault SUPERVISOR_NO_TARGET
 */
export function slotsOf(instances: readonly Slotted[], target: string | undefined): readonly Slot[] {
  const [, name, worker] = /^(.*)\/(\d+)$/.exec(target ?? '') ?? [];
  const found =
    name === undefined
      ? instancesOf(instances, target).flatMap(({slots}) => slots)
      : instances.flatMap(({instance, slots}) =>
          instance.name === name ? slots.slice(Number(worker) - 1, Number(worker)) : [],
        );
  if (found.length === 0) throw noTarget(instances, target);
  return found;
}

/**
 * The instances of a target whose number of workers can be changed: those that take traffic.
 * @throws SupervisorFault SUPERVISOR_NO_TARGET, SUPERVISOR_WORKLOAD
 */
export function resizable<I extends Slotted>(
  instances: readonly I[],
  target: string | undefined,
  workers: number,
): readonly I[] {
  if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS)
    throw new SupervisorFault(
      'SUPERVISOR_WORKLOAD',
      `An instance has from 1 to ${MOST_WORKERS} workers, not ${workers}`,
    );
  const found = instancesOf(instances, target).filter(({instance}) => takesTraffic(instance));
  if (found.length === 0)
    throw noTarget(
      instances.filter(({instance}) => takesTraffic(instance)),
      target,
    );
  return found;
}

function instancesOf<I extends Slotted>(instances: readonly I[], target: string | undefined): readonly I[] {
  if (target === undefined) return instances;
  return instances.filter(({instance}) => instance.name === target || instance.type === target);
}

function noTarget(instances: readonly Slotted[], target: string | undefined): SupervisorFault {
  const names = instances.map(({instance, slots}) =>
    slots.length > 1 ? `${instance.name} (${instance.name}/1 to /${slots.length})` : instance.name,
  );
  return new SupervisorFault('SUPERVISOR_NO_TARGET', `Nothing here is called ${target ?? 'web'}`, {
    hint: names.length > 0 ? `There is ${names.join(', ')}.` : 'No instance here takes traffic.',
  });
}
