import {describe, expect, test} from '@jest/globals';
import {testdir} from '@keelson/test-kit';
import {findAddons} from '../dist/find-addons.js';

/** The least of an ELF file: its header's first 20 bytes, and the C library among its strings. */
function elf(machine: number, needs = ''): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(needs)]);
}

const X64 = 62;
const ARM64 = 183;
const GLIBC = {version: '20.19.0', abi: '115', platform: 'linux', arch: 'x64', libc: 'glibc'} as const;
const MUSL = {...GLIBC, libc: 'musl'} as const;

const TREE = {
  'build/Release/own.node': elf(X64, 'libc.so.6'),
  'node_modules/a/prebuilds/linux-x64/node.napi.glibc.node': elf(X64, 'libc.so.6'),
  'node_modules/a/prebuilds/linux-x64/node.napi.musl.node': elf(X64, 'libc.musl-x86_64.so.1'),
  'node_modules/a/prebuilds/linux-x64/electron.napi.node': elf(X64, 'libc.so.6'),
  'node_modules/a/prebuilds/linux-x64/node.abi115.node': elf(X64, 'libc.so.6'),
  'node_modules/a/prebuilds/linux-x64/node.abi127.node': elf(X64, 'libc.so.6'),
  'node_modules/a/prebuilds/linux-arm64/node.napi.node': elf(ARM64, 'libc.so.6'),
  'node_modules/a/prebuilds/darwin-x64/node.napi.node': Buffer.from('cffaedfe07000001', 'hex'),
  'node_modules/a/prebuilds/win32-x64/node.napi.node': 'MZ',
  'node_modules/b/static.node': elf(X64),
  'node_modules/b/untagged-musl-build.node': elf(X64, 'libc.musl-x86_64.so.1'),
  'node_modules/b/not-an-addon.node': 'text',
  'node_modules/b/node': elf(X64),
};

describe('findAddons lists what this runtime loads', () => {
  test.each([
    [
      'glibc',
      GLIBC,
      [
        'build/Release/own.node',
        'node_modules/a/prebuilds/linux-x64/node.abi115.node',
        'node_modules/a/prebuilds/linux-x64/node.napi.glibc.node',
        'node_modules/b/static.node',
      ],
    ],
    [
      'musl',
      MUSL,
      [
        'node_modules/a/prebuilds/linux-x64/node.napi.musl.node',
        'node_modules/b/static.node',
        'node_modules/b/untagged-musl-build.node',
      ],
    ],
    ['another machine', {...GLIBC, arch: 'arm64'}, ['node_modules/a/prebuilds/linux-arm64/node.napi.node']],
  ])('%s', async (_title, runtime, expected) => {
    await using dir = await testdir(TREE);
    expect(await findAddons(dir.path, runtime)).toEqual(expected);
  });
});
