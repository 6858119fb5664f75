import {describe, expect, test} from '@jest/globals';
import type {RuntimeFacts} from '@keelson/archive';
import {addonsHere} from '@keelson/preparer';
import {testdir} from '@keelson/test-kit';
import fc from 'fast-check';
import {elfFile, type ElfParts} from './elf-file.ts';

const X64 = 62;
const ARM64 = 183;
const GLIBC = ['libstdc++.so.6', 'libc.so.6'];
const MUSL = ['libstdc++.so.6', 'libc.musl-x86_64.so.1'];
const here: RuntimeFacts = {version: '20.0.0', abi: '115', platform: 'linux', arch: 'x64', libc: 'glibc'};

async function groupsOf(files: Readonly<Record<string, ElfParts | string>>, machine: RuntimeFacts = here) {
  const tree = Object.entries(files).map(([path, parts]) => [
    path,
    typeof parts === 'string' ? parts : elfFile(parts),
  ]);
  await using dir = await testdir(Object.fromEntries(tree));
  return await addonsHere(dir.path, Object.keys(files), machine);
}

describe('addonsHere', () => {
  test.each<[string, ElfParts | string, boolean]>([
    ['one for this machine', {machine: X64, needed: GLIBC}, true],
    ['one that says nothing of a C library', {machine: X64}, true],
    [
      'one whose place in memory is not the start of the file',
      {machine: X64, needed: GLIBC, address: 0x400000},
      true,
    ],
    ['one for musl (Alpine)', {machine: X64, needed: MUSL}, false],
    ['one for musl (other toolchains)', {machine: X64, needed: ['libc.so']}, false],
    ['one for musl that lies elsewhere in memory', {machine: X64, needed: MUSL, address: 0x10000}, false],
    ['one for arm64', {machine: ARM64, needed: ['libc.so.6']}, false],
    ['one for 32 bits', {machine: 3, bits: 32, needed: GLIBC}, false],
    ['one of the same machine with pointers of 32 bits', {machine: X64, bits: 32}, false],
    ['one of the other endianness', {machine: X64, endianness: 'BE'}, false],
    ['one for macOS', '\xcf\xfa\xed\xfe\x0c\0\0\x01', false],
    ['one for Windows', 'MZ\x90\0', false],
    ['a text', '#!/bin/sh\n', false],
    ['nothing', '', false],
    ['an ELF header that is cut short', '\x7fELF\x02\x01', false],
  ])('%s', async (_title, parts, loads) => {
    const groups = await groupsOf({'node_modules/a/a.node': parts});
    expect(groups).toEqual(loads ? [{package: 'a', files: ['node_modules/a/a.node']}] : []);
  });

  test('takes the other C library on a machine with that one', async () => {
    const files = {
      'node_modules/m/prebuilds/linux-x64/node.napi.glibc.node': {machine: X64, needed: GLIBC},
      'node_modules/m/prebuilds/linux-x64/node.napi.musl.node': {machine: X64, needed: MUSL},
      'node_modules/m/prebuilds/linux-arm64/node.napi.armv8.node': {machine: ARM64, needed: GLIBC},
    };
    const chosen = async (libc: 'glibc' | 'musl') =>
      (await groupsOf(files, {...here, libc})).map((group) => group.files);
    expect(await chosen('glibc')).toEqual([['node_modules/m/prebuilds/linux-x64/node.napi.glibc.node']]);
    expect(await chosen('musl')).toEqual([['node_modules/m/prebuilds/linux-x64/node.napi.musl.node']]);
  });

  test('groups by package, wherever that lies', async () => {
    const native = {machine: X64};
    expect(
      await groupsOf({
        'build/Release/own.node': native,
        'lib/own-2.node': native,
        'node_modules/a/build/Release/a.node': native,
        'node_modules/a/build/Release/test.node': native,
        'node_modules/@x/b/b.node': native,
        'node_modules/a/node_modules/c/c.node': native,
        'node_modules/.pnpm/d@1.0.0_e@2/node_modules/d/d.node': native,
        'node_modules/.pnpm/@x+f@1.0.0/node_modules/@x/f/f.node': native,
      }),
    ).toEqual([
      {package: '', files: ['build/Release/own.node', 'lib/own-2.node']},
      {package: '@x/f', files: ['node_modules/.pnpm/@x+f@1.0.0/node_modules/@x/f/f.node']},
      {package: 'd', files: ['node_modules/.pnpm/d@1.0.0_e@2/node_modules/d/d.node']},
      {package: '@x/b', files: ['node_modules/@x/b/b.node']},
      {
        package: 'a',
        files: ['node_modules/a/build/Release/a.node', 'node_modules/a/build/Release/test.node'],
      },
      {package: 'c', files: ['node_modules/a/node_modules/c/c.node']},
    ]);
  });

  test('decides by machine, word size and C library alone', async () => {
    const parts = fc.record({
      machine: fc.constantFrom(X64, ARM64, 3, 40, 22),
      bits: fc.constantFrom(32 as const, 64 as const),
      needed: fc.array(
        fc.constantFrom('libm.so.6', 'libstdc++.so.6', 'libdl.so.2', 'libcrypto.so.3', 'libc.so.60'),
      ),
      libc: fc.constantFrom(
        undefined,
        'libc.so.6',
        'ld-linux-x86-64.so.2',
        'libc.musl-x86_64.so.1',
        'libc.so',
      ),
      address: fc.nat(2 ** 30),
    });
    await fc.assert(
      fc.asyncProperty(parts, async ({libc, needed, ...elf}) => {
        const all = libc === undefined ? needed : [...needed, libc];
        const groups = await groupsOf({'a.node': {...elf, needed: all}});
        const musl = libc === 'libc.musl-x86_64.so.1' || libc === 'libc.so';
        expect(groups.length === 1).toBe(elf.machine === X64 && elf.bits === 64 && !musl);
      }),
      {numRuns: 60},
    );
  });

  test('never fails on a damaged file', async () => {
    const whole = elfFile({machine: X64, needed: GLIBC});
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {maxLength: 8});
    await using dir = await testdir();
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        await dir.write({'a.node': bytes.subarray(0, length)});
        expect((await addonsHere(dir.path, ['a.node'], here)).length).toBeLessThanOrEqual(1);
      }),
      {numRuns: 100},
    );
  });
});
