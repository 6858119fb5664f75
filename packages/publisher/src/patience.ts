import type {PublishOptions} from './publish.ts';

const STALL_MS = 60_000;
// A hook may deploy, and a store scan what it got, for a long time without a word.
const AT_WORK = 30;
const ALTOGETHER = 120;

/** How long the other side may say nothing: while it is sent to, and when it has everything. And how long what cannot be watched may take. */
export function patienceOf({stallMs = STALL_MS}: Pick<PublishOptions, 'stallMs'>): {
  readonly stallMs: number;
  readonly answerMs: number;
  readonly altogetherMs: number;
} {
  return {stallMs, answerMs: AT_WORK * stallMs, altogetherMs: ALTOGETHER * stallMs};
}
