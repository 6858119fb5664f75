import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import type {StepOptions} from '@keelson/step';

/** Size and digest (`sha256-` and hex) of a file. */
export async function hashFile(
  path: string,
  {signal}: StepOptions,
): Promise<{readonly bytes: number; readonly fileDigest: string}> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, {highWaterMark: 1024 * 1024}) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
  }
  return {bytes, fileDigest: `sha256-${hash.digest('hex')}`};
}
