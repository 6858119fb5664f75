import type {WorkerLines} from './control-protocol.ts';
import type {WorkerReach} from './generation.ts';
import type {Slot} from './slot.ts';
import type {InstanceStatus} from './status.ts';
import type {SupervisedInstance} from './workload.ts';

interface Slotted {
  readonly instance: SupervisedInstance;
  readonly slots: readonly Slot[];
}

/** What instances do, as plain JSON. */
export function statusOf(instances: readonly Slotted[]): InstanceStatus[] {
  return instances.map(({instance: {name, port, type}, slots}) => ({
    name,
    type,
    port,
    workers: slots.map((slot) => slot.status()),
  }));
}

/** What the workers of slots printed last. */
export function linesOf(slots: readonly Slot[]): WorkerLines[] {
  return slots.map(({plan, worker}) => ({worker: plan.tag, pid: worker?.pid, lines: worker?.output ?? []}));
}

/** Where workers answer before they take traffic. */
export function reachesOf(instances: readonly Slotted[]): WorkerReach[] {
  return instances.flatMap(({slots}) =>
    slots.flatMap(({plan, worker}) =>
      worker?.socket === undefined ? [] : [{instance: plan.tag, socketPath: worker.socket}],
    ),
  );
}

/** What instances printed last, by name. */
export function printedOf(instances: readonly Slotted[]): Map<string, readonly string[]> {
  return new Map(
    instances.map(({instance: {name}, slots}) => [name, slots.flatMap(({worker}) => worker?.printed ?? [])]),
  );
}
