import type {Socket} from 'node:net';
import type {ProcessStatus} from './process-status.ts';

/*
 * A connection carries one request, a line of JSON, and its answer: lines of JSON, then the end.
 * The last line has `ok`; a connection that ends without was cut off.
 */

export type ControlRequest =
  | {readonly verb: 'ps'}
  | {readonly verb: 'restart' | 'stop'; readonly names: readonly string[]}
  | {
      readonly verb: 'logs';
      readonly names: readonly string[];
      /** At most so many of the last lines. */
      readonly lines: number;
      readonly follow: boolean;
    };

/** A line that a process printed: `line`, or, where it is no UTF-8, `base64`. */
export interface LogLine {
  readonly name: string;
  readonly stream: 'out' | 'err';
  /** ISO 8601. */
  readonly time: string;
  readonly line?: string;
  readonly base64?: string;
}

/** The reader was too slow for so many lines. */
export interface DroppedLines {
  readonly dropped: number;
}

export type ControlAnswer =
  | {readonly ok: true; readonly pid: number; readonly processes: readonly ProcessStatus[]}
  | {readonly ok: false; readonly code: string; readonly message: string; readonly hint?: string | undefined};

export const MAX_REQUEST_BYTES = 64 * 1024;

/** The request of a line; undefined for what is none. */
export function parseRequest(line: string): ControlRequest | undefined {
  const {verb, names, lines, follow} = parseObject(line) ?? {};
  if (verb === 'ps') return {verb};
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) return undefined;
  if (verb === 'restart' || verb === 'stop') return names.length === 0 ? undefined : {verb, names};
  if (verb !== 'logs' || !Number.isSafeInteger(lines) || (lines as number) < 0) return undefined;
  return {verb, names, lines: lines as number, follow: follow === true};
}

export function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Calls back with each line. `tooLong`: one is longer than the limit, and the rest is not read. */
export function readLines(
  socket: Socket,
  maxBytes: number,
  listener: {line(text: string): void; tooLong(): void},
): void {
  let pending: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString('utf8');
      pending = [];
      bytes = 0;
      start = end + 1;
      listener.line(line);
    }
    pending.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes <= maxBytes) return;
    socket.off('data', onData);
    listener.tooLong();
  };
  socket.on('data', onData);
}
