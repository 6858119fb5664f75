import type {StepOptions} from '@keelson/step';

/** One line of a Procfile. */
export interface ProcessType {
  readonly name: string;
  /** A line for `/bin/sh -c`, verbatim. */
  readonly command: string;
  /** Counted from 1; 0 when it does not come from a Procfile. */
  readonly line: number;
}

export interface Procfile {
  readonly kind: 'procfile';
  readonly types: readonly ProcessType[];
}

export function parseProcfile(_text: string, _options: {readonly path?: string | undefined} = {}): Procfile {
  throw new Error('soon');
}

export async function readProcfile(_dir: string, _options: StepOptions = {}): Promise<Procfile> {
  throw new Error('soon');
}
