import type {WorkerLines} from './control-protocol.ts';
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
