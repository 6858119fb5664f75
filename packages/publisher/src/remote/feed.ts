import {once} from 'node:events';
import {createReadStream} from 'node:fs';
import type {Child} from '@keelson/spawn';
import type {ParcelFile} from '../parcel/parcel.ts';
import {patienceOf} from '../patience.ts';
import type {PublishOptions} from '../publish.ts';
import type {SilenceWatch} from './watch-silence.ts';

/**
 * Writes a file from `from` on to a program's stdin and ends that; a program that ends early is nobody's failure here. Each part that it
 * takes is a sign of life.
 */
export async function feed(
  child: Child,
  {file, from, watch}: {readonly file: ParcelFile; readonly from: number; readonly watch: SilenceWatch},
  options: PublishOptions,
): Promise<void> {
  const {signal, onEvent} = options;
  const {stallMs, answerMs} = patienceOf(options);
  const stdin = child.stdin!;
  let gone = false;
  const ended = child.exited.then(() => (gone = true));
  stdin.on('error', () => (gone = true));
  let done = from;
  for await (const chunk of createReadStream(file.path, {
    start: from,
    highWaterMark: 256 * 1024,
  }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    if (gone) return;
    if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain').catch(() => {}), ended]);
    done += chunk.length;
    watch.alive(stallMs);
    onEvent?.({type: 'publisher:sent', done, total: file.bytes});
  }
  stdin.end(() => watch.alive(answerMs));
}
