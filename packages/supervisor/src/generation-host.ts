import type {SlotHost} from './slot.ts';
import type {WorkerPlan} from './worker-plan.ts';
import type {SupervisedInstance} from './workload.ts';

export interface PlannedInstance {
  readonly instance: SupervisedInstance;
  readonly plans: readonly WorkerPlan[];
}

export interface GenerationHost extends SlotHost {
  /** What an instance with so many workers would run. */
  plansOf(instance: SupervisedInstance, workers: number): Promise<readonly WorkerPlan[]>;
  opened(): void;
  /** It takes no more traffic. */
  leaving(): void;
}
