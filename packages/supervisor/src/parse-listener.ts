import type {Workload} from './workload.ts';

export type Listener = NonNullable<Workload['listener']>;

const LISTENERS: readonly string[] = ['held', 'cluster'] satisfies Listener[];

/** Undefined: no such word. */
export const parseListener = (text: string): Listener | undefined =>
  LISTENERS.includes(text) ? (text as Listener) : undefined;
