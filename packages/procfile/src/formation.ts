import type {Procfile} from './procfile.ts';

/** How many instances of each process type; `all` stands for every type that is not named. */
export type Formation = Readonly<Record<string, number>>;

/** One numbered copy of a process type: what a supervisor starts and an exporter renders. */
export interface Instance {
  /** `web.1` */
  readonly name: string;
  /** `web` */
  readonly type: string;
  /** Counted from 1. */
  readonly index: number;
  /** A line for `/bin/sh -c`, verbatim from the Procfile. */
  readonly command: string;
  readonly port: number;
}

export interface PortOptions {
  readonly basePort?: number | undefined;
  readonly portStep?: number | undefined;
}

export function parseFormation(_text: string): Formation {
  throw new Error('soon');
}

export function expandFormation(_procfile: Procfile, _formation?: Formation, _options: PortOptions = {}): Instance[] {
  throw new Error('soon');
}
