import type {Readiness} from './workload.ts';

/** A clause about what serves after a change that was refused. */
export function whatStays({kept = []}: Pick<Extract<Readiness, {state: 'not-ready'}>, 'kept'>): string {
  if (kept.length === 0) return 'the old workers stay';
  return `the old workers stay, but ${kept.join(', ')}: replaced already, and the old one does not start any more`;
}
