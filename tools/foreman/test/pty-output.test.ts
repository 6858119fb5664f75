import {PassThrough} from 'node:stream';
import type {ReadStream} from 'node:tty';
import {expect, test} from '@jest/globals';
import fc from 'fast-check';

import {TerminalOutput} from '../dist/pty-output.js';

/** What a reader gets of what a terminal passes on in these pieces. */
async function read(pieces: readonly Buffer[]): Promise<string> {
  const terminal = new PassThrough();
  const last = pieces.at(-1) ?? Buffer.alloc(0);
  const output = new TerminalOutput(terminal as unknown as ReadStream, () => last);
  for (const piece of pieces.slice(0, -1)) terminal.write(piece);
  terminal.end();
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

test('newlines are those that the program wrote, wherever the pieces end', async () => {
  const text = fc
    .array(fc.constantFrom('a', '\r', '\n', 'é', '\u001b[1m'), {maxLength: 30})
    .map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(40), {maxLength: 6}), async (written, cuts) => {
      const shown = Buffer.from(written.replaceAll('\n', '\r\n'), 'latin1'); // what onlcr of termios(3) makes of it
      const ends = [...new Set(cuts.filter((cut) => cut < shown.length))].sort((a, b) => a - b);
      const pieces = [0, ...ends].map((start, index) => shown.subarray(start, ends[index] ?? shown.length));
      expect(await read(pieces)).toBe(Buffer.from(written, 'latin1').toString('latin1'));
    }),
  );
});
