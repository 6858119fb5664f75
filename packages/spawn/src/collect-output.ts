import type {Readable} from 'node:stream';
import {StringDecoder} from 'node:string_decoder';
import type {LineEvent} from './run.ts';

const MAX_LINE = 64 * 1024;

interface Collecting {
  readonly maxBytes: number;
  readonly onTooMuch: () => void;
  readonly onEvent: ((event: LineEvent) => void) | undefined;
  /** `onEvent` threw. */
  readonly onError: (error: unknown) => void;
}

/** Reads a stream to its end, whether its output is still wanted or not, so that nobody ever waits for us. Returns what it said so far. */
export function collectOutput(
  stream: Readable,
  name: LineEvent['stream'],
  {maxBytes, onTooMuch, onEvent, onError}: Collecting,
): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const lines = onEvent && splitLines((line) => onEvent({type: 'spawn:line', stream: name, line}));
  const guarded = (tell: () => void) => {
    try {
      tell();
    } catch (error) {
      onError(error);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    if (bytes > maxBytes) return;
    bytes += chunk.length;
    chunks.push(bytes > maxBytes ? chunk.subarray(0, maxBytes - bytes) : chunk);
    guarded(() => lines?.write(chunk));
    if (bytes > maxBytes) onTooMuch();
  });
  stream.once('close', () => guarded(() => lines?.end()));
  return () => Buffer.concat(chunks).toString('utf8');
}

function splitLines(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    write(chunk: Buffer) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (rest.length < MAX_LINE) return;
      onLine(rest);
      rest = '';
    },
    end() {
      rest += decoder.end();
      if (rest !== '') onLine(rest);
    },
  };
}
