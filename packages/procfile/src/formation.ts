import {ProcfileFault} from './fault.ts';

/** How many instances of each process type; `all` stands for every type that is not named. */
export type Formation = Readonly<Record<string, number>>;

const PART = /^([A-Za-z0-9_-]+)(?:\s*=\s*(\d{1,5}))?$/;

/**
 * `web=2,worker=1`, `all=1,worker=0`, `web` (the same as `web=1`), blanks allowed; an empty text is an empty formation.
 * Throws FORMATION_SYNTAX.
 */
export function parseFormation(text: string): Formation {
  if (text.trim() === '') return {};
  const counts = new Map<string, number>();
  for (const part of text.split(',')) {
    const match = PART.exec(part.trim());
    if (match === null) throw syntax(text, `${JSON.stringify(part.trim())} is not TYPE=N`);
    const [, type, count = '1'] = match;
    if (counts.has(type!)) throw syntax(text, `${type} is named twice`);
    counts.set(type!, Number(count));
  }
  return Object.fromEntries(counts);
}

/** Counts of a formation that did not come from `parseFormation`. */
export function checkCounts(formation: Formation): void {
  for (const [type, count] of Object.entries(formation)) {
    if (!Number.isSafeInteger(count) || count < 0)
      throw syntax(JSON.stringify(formation), `${type} has to be a whole number from 0, not ${count}`);
  }
}

function syntax(text: string, because: string): ProcfileFault {
  return new ProcfileFault('FORMATION_SYNTAX', `formation ${text}: ${because}`, {
    hint: 'Write it as TYPE=N,TYPE=N, for example web=2,worker=1 or all=1,worker=0.',
  });
}
