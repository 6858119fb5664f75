import {finished, type Readable} from 'node:stream';

import {toLatin1} from './line-format.ts';
import {PipeReader} from './pipe-reader.ts';

/** What comes out of a source, until it ends, fails or is destroyed. */
export interface SourceInput {
  readonly ended: Promise<void>;
  pause(): void;
  resume(): void;
}

/** @param take gets the bytes, one character each */
export function readSource(stream: Readable, take: (chunk: string) => void): SourceInput {
  if (stream instanceof PipeReader) {
    stream.onText = take;
    stream.resume();
  } else {
    stream.on('data', (chunk: Buffer | string) => {
      take(typeof chunk === 'string' ? toLatin1(chunk) : chunk.toString('latin1'));
    });
  }
  return {
    ended: new Promise((resolve) => finished(stream, {writable: false}, () => resolve())),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
  };
}
