import type {Change} from './control-protocol.ts';
import {whatStays} from './what-stays.ts';

const DONE: {readonly [verb: string]: string} = {
  roll: 'every worker is replaced',
  restart: 'the workers are replaced',
  resize: 'the size is changed',
  stop: 'it has drained and ended',
  drain: 'it has drained and ended',
};

/** A sentence about a change, and what to print behind it. */
export function changeOutcome(change: Change): {readonly ok: boolean; readonly text: string} {
  if (change.state === 'refused') {
    const {verb, instance, because, output} = change;
    const printed = output.length > 0 ? `\nIt printed last:\n${output.join('\n')}` : '';
    return {ok: false, text: `${verb} refused: ${instance} ${because}; ${whatStays(change)}${printed}`};
  }
  if (change.state === 'begun') return {ok: true, text: `${change.verb} has begun`};
  return {ok: true, text: DONE[change.verb] ?? 'done'};
}
