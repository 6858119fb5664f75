import {exitStatus, type Exit} from '@keelson/spawn';

export interface ProcessEnd {
  /** The code, or 128 + n for a signal, as a shell says it. */
  readonly exitCode: number;
  /** As in "web.1 exited with code 7". */
  readonly because: string;
}

export function endOf(exit: Exit): ProcessEnd {
  const because = exit.signal === null ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
  return {exitCode: exitStatus(exit), because};
}
