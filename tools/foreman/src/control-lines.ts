import {isUtf8} from 'node:buffer';
import type {LogLine} from './control-protocol.ts';

/** A longer line goes out in pieces. */
const MAX_LINE_BYTES = 256 * 1024;

type Kind = LogLine['stream'];

/** Chunks of a process's two streams to lines, each whole. */
export interface LineSplitter {
  push(kind: Kind, data: Buffer, time: number): LogLine[];
  /** The same without the lines: how many there would have been. */
  skip(kind: Kind, data: Buffer): number;
  /** What has no newline yet. */
  rest(time: number): LogLine[];
}

export function createLineSplitter(name: string): LineSplitter {
  const rests = {out: begun(), err: begun()};
  const lineOf = (stream: Kind, bytes: Buffer, time: number): LogLine => {
    const text = bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes;
    const content = isUtf8(text) ? {line: text.toString('utf8')} : {base64: text.toString('base64')};
    return {name, stream, time: new Date(time).toISOString(), ...content};
  };
  return {
    push(kind, data, time) {
      const lines: LogLine[] = [];
      const rest = rests[kind];
      let start = 0;
      for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
        rest.add(data.subarray(start, end));
        lines.push(lineOf(kind, rest.take(), time));
        start = end + 1;
      }
      rest.add(data.subarray(start));
      if (rest.bytes > MAX_LINE_BYTES) lines.push(lineOf(kind, rest.take(), time));
      return lines;
    },
    skip(kind, data) {
      const rest = rests[kind];
      const last = data.lastIndexOf(10);
      if (last !== -1) rest.take();
      rest.add(data.subarray(last + 1));
      if (rest.bytes > MAX_LINE_BYTES) rest.take();
      let count = 0;
      for (let at = data.indexOf(10); at !== -1; at = data.indexOf(10, at + 1)) count++;
      return count;
    },
    rest: (time) =>
      (['out', 'err'] as const)
        .filter((kind) => rests[kind].bytes > 0)
        .map((kind) => lineOf(kind, rests[kind].take(), time)),
  };
}

/** A line that has begun. */
function begun() {
  let parts: Buffer[] = [];
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    add(part: Buffer): void {
      if (part.length === 0) return;
      parts.push(part);
      bytes += part.length;
    },
    take(): Buffer {
      const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [];
      bytes = 0;
      return whole;
    },
  };
}
