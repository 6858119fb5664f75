import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {crc32} from 'node:zlib';
import {expect, test} from '@jest/globals';
import fc from 'fast-check';
import {extract, type Header} from 'tar-stream';
import {combineCrc} from '../dist/pack/combine-crc.js';
import {createHeaders} from '../dist/pack/tar-header.js';
import type {StattedEntry} from '../dist/stat-tree.js';

/** What another reader sees of headers that are followed by no contents. */
async function readBack(bytes: Uint8Array): Promise<Header[]> {
  const headers: Header[] = [];
  const reader = extract();
  reader.on('entry', (header, stream, next) => {
    headers.push(header);
    stream.resume();
    next();
  });
  await pipeline(Readable.from([bytes, Buffer.alloc(1024)]), reader);
  return headers;
}

const name = fc.oneof(
  {weight: 5, arbitrary: fc.stringMatching(/^[a-z.@_-]{1,60}$/)},
  {weight: 1, arbitrary: fc.stringMatching(/^[a-z]{90,255}$/)},
  {weight: 2, arbitrary: fc.string({minLength: 1, maxLength: 20, unit: 'grapheme'})},
);
const path = fc
  .array(name, {minLength: 1, maxLength: 8})
  .map((parts) => parts.join('/').replace(/[\0\ufffd]/g, '_'));
const entry: fc.Arbitrary<StattedEntry> = fc.oneof(
  fc.record({
    path,
    mode: fc.constantFrom('644' as const, '755' as const),
    size: fc.constant(0),
    stamp: fc.constant(''),
  }),
  fc.record({path, mode: fc.constant('link' as const), target: path}),
  fc.record({path, mode: fc.constant('folder' as const)}),
);

test('every header says to another reader what it is to say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, {maxLength: 5}), fc.nat(8 ** 11 - 1), async (entries, modifiedAt) => {
      const headerOf = createHeaders(modifiedAt);
      const headers = await readBack(Buffer.concat(entries.map((each) => Buffer.from(headerOf(each)))));
      expect(headers.map((header) => [header.name, header.type, header.mode, header.linkname])).toEqual(
        entries.map((each) => {
          const where = `package/${each.path}`;
          if (each.mode === 'folder') return [`${where}/`, 'directory', 0o755, null];
          if (each.mode === 'link') return [where, 'symlink', 0o777, each.target];
          return [where, 'file', Number.parseInt(each.mode, 8), null];
        }),
      );
      for (const {uid, gid, uname, gname, mtime} of headers) {
        expect([uid, gid, uname, gname]).toEqual([0, 0, '', '']);
        expect(mtime?.getTime()).toBe(modifiedAt * 1000);
      }
    }),
  );
});

test.each([8 ** 11 - 1, 8 ** 11, 2 ** 40])('a file of %d bytes has its size', async (size) => {
  const sizes: (number | undefined)[] = [];
  const reader = extract();
  reader.on('entry', (header) => void sizes.push(header.size));
  reader.write(Buffer.from(createHeaders(0)({path: 'x', mode: '644', size, stamp: ''})));
  await new Promise(setImmediate);
  reader.destroy();
  expect(sizes).toEqual([size]);
});

test('checksums of parts give the checksum of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({maxLength: 300}), {maxLength: 6}), (parts) => {
      const joined = parts.reduce((sum, part) => combineCrc(sum, crc32(part), part.length), 0);
      expect(joined).toBe(crc32(Buffer.concat(parts)));
    }),
  );
  const zeros = Buffer.alloc(3_000_000);
  expect(combineCrc(crc32('x'), crc32(zeros), zeros.length)).toBe(crc32(zeros, crc32('x')));
});
