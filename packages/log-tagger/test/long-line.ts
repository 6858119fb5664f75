import assert from 'node:assert/strict';
import {Readable} from 'node:stream';

import {createTagger, type Sink} from '@keelson/log-tagger';

const MEBIBYTE = 1024 * 1024;
const PIECE = 65_536;

/** Sends one line of so many mebibytes through a tagger, checks that all of it arrives, and resolves with the most that was written at once. */
export async function passLongLine(mebibytes: number): Promise<number> {
  const chunk = Buffer.alloc(MEBIBYTE, 'x');
  let left = mebibytes;
  const stream = new Readable({
    highWaterMark: 0,
    read() {
      this.push(left-- > 0 ? chunk : null);
    },
  });
  let length = 0;
  let most = 0;
  const sink: Sink = {
    name: 'counting',
    open: async () => {},
    write(lines) {
      length += lines.length;
      most = Math.max(most, lines.length);
      return undefined;
    },
    close: async () => {},
  };
  const tagger = createTagger({sink, timestamps: 'none'});
  await tagger.attach({tag: '', stream});
  await tagger.close();
  const pieces = (mebibytes * MEBIBYTE) / PIECE;
  assert.equal(length, mebibytes * MEBIBYTE + (pieces - 1) * ' [cut]'.length + pieces);
  return most;
}
