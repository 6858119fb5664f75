import type {SinkWriteError} from '../sink.ts';

/** An error in the system's form, for what the system does not say itself. */
export function sinkError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}`), {code});
}

/** The error of a write of which so much has arrived. */
export function failedAfter(error: unknown, written: number): SinkWriteError {
  return Object.assign(error as NodeJS.ErrnoException, {written});
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
