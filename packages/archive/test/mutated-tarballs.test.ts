import {lstatSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync} from 'node:fs';
import {join, resolve, sep} from 'node:path';
import {gzipSync} from 'node:zlib';
import {expect, test} from '@jest/globals';
import {ArchiveFault, unpackTarball} from '@keelson/archive';
import {testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {unsafePath} from '../dist/entry-paths.js';
import {safeEntries} from '../dist/safe-entries.js';
import {BadTar} from '../dist/tar-header.js';
import {createTarParser} from '../dist/tar-parser.js';
import {pax, rawTar} from './raw-tar.ts';

const GOOD = rawTar([
  pax({comment: 'x'}, 'g'),
  {name: 'package/', type: '5', mode: 0o755},
  {name: 'package/a.js', content: 'a'.repeat(700)},
  {name: 'package/bin/run', mode: 0o755, content: '#!'},
  {name: 'package/l', type: '2', target: 'bin/run'},
  {name: 'package/d/up', type: '2', target: '../a.js'},
  pax({path: `package/${'p'.repeat(150)}`, size: '3'}),
  {name: 'package/x', content: 'pax'},
  {name: '././@LongLink', type: 'L', content: `package/${'n'.repeat(120)}\0`},
  {name: 'package/n', content: 'long', magic: 'ustar  \0'},
  {name: '././@LongLink', type: 'K', content: 'a.js\0'},
  {name: 'package/k', type: '2', target: 'x', magic: 'ustar  \0'},
  {name: 'package/empty/', type: '5'},
]);
const BLOCKS = GOOD.length / 512;

type Mutation = (tar: Buffer) => Buffer;

/** As an attacker would: a changed header has a good checksum again. */
function withChecksum(tar: Buffer, block: number): void {
  const header = tar.subarray(block * 512, block * 512 + 512);
  if (header.length < 512) return;
  header.fill(' ', 148, 156);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

const block = fc.nat(BLOCKS - 1);
const word = fc.constantFrom(
  '..',
  '/',
  '../../x',
  '/etc/passwd',
  'package/../..',
  '\\',
  'C:/x',
  '\0/../..',
  'package/l/x',
  'package/d',
  '9999999999',
  '-1',
  '77777777777',
  'path=/etc/x',
  '\u{1f600}',
  '',
  'PACKAGE/A.JS',
);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(GOOD.length - 1), fc.nat(255)).map(([at, byte]): Mutation => (tar) => {
    if (at < tar.length) tar[at] = byte;
    return tar;
  }),
  fc.tuple(block, fc.nat(511), fc.nat(255)).map(([which, at, byte]): Mutation => (tar) => {
    if (which * 512 + at < tar.length) tar[which * 512 + at] = byte;
    withChecksum(tar, which);
    return tar;
  }),
  fc
    .tuple(block, fc.constantFrom(0, 100, 124, 148, 156, 157, 257, 345), word)
    .map(([which, field, text]): Mutation => (tar) => {
      if (which * 512 + 512 <= tar.length) tar.write(text, which * 512 + field);
      withChecksum(tar, which);
      return tar;
    }),
  fc.tuple(block, fc.constantFrom(...'01234567xgLKSZ'.split(''))).map(([which, type]): Mutation => (tar) => {
    if (which * 512 + 512 <= tar.length) tar.write(type, which * 512 + 156);
    withChecksum(tar, which);
    return tar;
  }),
  fc.nat(GOOD.length).map(
    (length): Mutation =>
      (tar) =>
        tar.subarray(0, length),
  ),
  fc.tuple(block, block).map(([from, to]): Mutation => (tar) => {
    const moved = Buffer.from(tar.subarray(from * 512, from * 512 + 512));
    return Buffer.concat([tar.subarray(0, to * 512), moved, tar.subarray(to * 512)]);
  }),
  block.map(
    (which): Mutation =>
      (tar) =>
        Buffer.concat([tar.subarray(0, which * 512), tar.subarray(which * 512 + 512)]),
  ),
  fc.uint8Array({maxLength: 600}).map(
    (bytes): Mutation =>
      (tar) =>
        Buffer.concat([tar, bytes]),
  ),
);
const mutated = fc
  .array(mutation, {minLength: 1, maxLength: 4})
  .map((steps) => steps.reduce<Buffer>((tar, step) => step(tar), Buffer.from(GOOD)));

test('whatever comes, only safe names pass, and what is wrong is said', () => {
  fc.assert(
    fc.property(mutated, fc.integer({min: 1, max: 2000}), (tar, step) => {
      const written: string[] = [];
      const sink = {
        file: (path: string) => void written.push(path),
        bytes() {},
        fileEnded() {},
        folder: (path: string) => void written.push(path),
      };
      const safe = safeEntries('x.tar', sink);
      const parser = createTarParser(safe.consumer);
      const known = (error: unknown) => error instanceof BadTar || error instanceof ArchiveFault;
      try {
        for (let at = 0; at < tar.length; at += step) parser.push(tar.subarray(at, at + step));
        parser.end();
        for (const path of safe.links().keys()) written.push(path);
      } catch (error) {
        if (!known(error)) throw error;
      }
      for (const path of written) {
        expect(unsafePath(path)).toBeUndefined();
        expect(resolve('/root', path).startsWith('/root/')).toBe(true);
      }
    }),
    {numRuns: 1000, endOnFailure: true},
  );
});

/** Every path below a folder, links resolved one by one as the kernel would; throws for one that leads out. */
function everything(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    const stats = lstatSync(join(root, path));
    if (stats.isSymbolicLink()) {
      const target = resolve(join(root, folder), readlinkSync(join(root, path)));
      if (!`${target}${sep}`.startsWith(`${root}${sep}`)) throw new Error(`${path} leads to ${target}`);
    }
    expect(stats.mode & 0o7000).toBe(0);
    return stats.isDirectory() ? [path, ...everything(root, path)] : [path];
  });
}

test('whatever comes is unpacked below its folder, or not at all', async () => {
  await using work = await testdir({'outside/kept': 'kept'});
  await work.write({'in.tar': GOOD});
  await unpackTarball(work.at('in.tar'), work.at('good'));
  expect(everything(work.at('good'))).toHaveLength(10);
  rmSync(work.at('good'), {recursive: true});
  await fc.assert(
    fc.asyncProperty(mutated, fc.boolean(), async (tar, compressed) => {
      writeFileSync(work.at('in.tar'), compressed ? gzipSync(tar, {level: 1}) : tar);
      const ended = await unpackTarball(work.at('in.tar'), work.at('area/out')).then(
        () => undefined,
        (error: unknown) => error,
      );
      const refused = ended instanceof ArchiveFault && ended.message.length < 2000;
      expect(refused || ended === undefined).toBe(true);
      expect(readdirSync(work.path).sort()).toEqual(
        refused ? ['in.tar', 'outside'] : ['area', 'in.tar', 'outside'],
      );
      if (!refused) everything(work.at('area'));
      expect(readFileSync(work.at('outside/kept'), 'utf8')).toBe('kept');
      rmSync(work.at('area'), {recursive: true, force: true});
    }),
    {numRuns: 100, endOnFailure: true},
  );
});
