import type {Readable} from 'node:stream';

const MOST_BYTES = 16 * 1024;

/** The end of what a process printed, bounded whatever it prints. */
export interface LastLines {
  watch(stream: Readable): void;
  /** At most `count` lines, oldest first. */
  lines(count?: number): string[];
}

export function keepLastLines(): LastLines {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const add = (chunk: Buffer): void => {
    chunks.push(chunk.length > MOST_BYTES ? chunk.subarray(-MOST_BYTES) : chunk);
    bytes += chunks.at(-1)!.length;
    while (bytes - chunks[0]!.length >= MOST_BYTES) bytes -= chunks.shift()!.length;
  };
  return {
    watch: (stream) => void stream.on('data', add),
    lines(count = 20) {
      const text = Buffer.concat(chunks).toString('utf8').trimEnd();
      return text === '' ? [] : text.split(/\r?\n/).slice(-count);
    },
  };
}
