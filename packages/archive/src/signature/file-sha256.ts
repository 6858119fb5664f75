import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import type {StepOptions} from '@keelson/step';

/** Of a file's bytes, 64 hexadecimal digits. */
export async function fileSha256(path: string, {signal}: StepOptions): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path, signal === undefined ? {} : {signal}))
    sum.update(chunk as Buffer);
  return sum.digest('hex');
}
