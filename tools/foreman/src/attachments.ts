import type {StartPlan} from './process-plan.ts';
import type {Attachment} from './runner.ts';

/** What lives beside the processes of a plan. */
export function attachmentsFor(_plan: StartPlan): Attachment[] {
  return [];
}
