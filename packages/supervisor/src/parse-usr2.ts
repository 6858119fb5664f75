import type {Usr2} from './obey-signals.ts';

const WORDS: readonly string[] = ['roll', 'restart', 'reopen', 'pass'] satisfies Usr2[];

/** Undefined for a word that says nothing. */
export const parseUsr2 = (text: string): Usr2 | undefined =>
  WORDS.includes(text) ? (text as Usr2) : undefined;
