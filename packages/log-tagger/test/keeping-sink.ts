import {Writable} from 'node:stream';

import fc from 'fast-check';

/** A stream that keeps what it gets; `hold()` makes it slow until `go()`. */
export class KeepingSink extends Writable {
  readonly chunks: Buffer[] = [];
  #held: (() => void)[] | undefined;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // The tagger may use the memory of a chunk again once it is written.
    this.chunks.push(Buffer.from(chunk));
    if (this.#held) this.#held.push(done);
    else done();
  }

  hold(): this {
    this.#held = [];
    return this;
  }

  get waiting(): number {
    return this.#held?.length ?? 0;
  }

  /** Lets one write through; how many were waiting. */
  one(): number {
    const waiting = this.#held!.length;
    this.#held!.shift()?.();
    return waiting;
  }

  go(): void {
    const held = this.#held!;
    this.#held = undefined;
    for (const done of held) done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.bytes.toString('utf8');
  }
}

/** The bytes in chunks of these lengths, over and over. */
export function chunked(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length]!;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

const LINES = [
  'Error: x\n',
  '    at f (a.js:1:2)\n',
  '  y\n',
  '\tz\n',
  '}\n',
  '/a.js:3\n',
  '<anonymous_script>:1\n',
  '  ^\n',
  '^\n',
  'Node.js v1\n',
  'Caused by: x\n',
  '\r\n',
  '\v\f\u0085\u2028\n',
  '<3>a\n',
  '{"a":1}\n',
  '{"a":1,"time":2,"b":{"time":[{}]}}\n',
  '{"tag":"x\\"","a":"\\u0041"} \n',
  '{"ti\\u006de":1}\n',
  '{"a":1}{"b":2}\n',
  '{"a"}\n',
  '{}\n',
];

/** Newlines, braces, quotes, `$` (special in a replacement), halves of characters and what is part of a stack come often. */
export const pieces = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          '\n',
          '\n\n',
          '\r\n',
          '{"',
          '"}',
          '{',
          '}',
          '$&',
          '$$',
          'é',
          '€',
          '😀',
          ' ',
          'x',
          '":',
          ',',
          '[',
          '1',
        )
        .map((text) => Buffer.from(text)),
      fc.constantFrom(...LINES).map((text) => Buffer.from(text)),
      fc.json({maxDepth: 3}).map((text) => Buffer.from(`{"v":${text}}\n`)),
      fc.uint8Array({maxLength: 8}),
    ),
    {maxLength: 60},
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

export const lengths = fc.array(fc.integer({min: 1, max: 20}), {minLength: 1, maxLength: 5});
