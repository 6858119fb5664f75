import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {RuntimeFacts} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';

// In obj.target node-gyp keeps what it has linked, before it puts that into its place.
const PASSED_OVER = new Set(['.git', 'obj.target']);

/**
 * Paths of the `.node` files that this runtime would load, sorted. Packages bring builds for other platforms along; those are
 * told by their ELF header, the C library they need, and prebuildify's tags in their names.
 */
export async function findAddons(
  dir: string,
  runtime: RuntimeFacts,
  {signal}: StepOptions = {},
): Promise<string[]> {
  const found: string[] = [];
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    signal?.throwIfAborted();
    for (const entry of await readdir(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) todo.push(path);
      if (entry.isFile() && path.endsWith('.node') && (await isFor(join(dir, path), runtime)))
        found.push(path);
    }
  }
  return found.sort();
}

async function isFor(path: string, runtime: RuntimeFacts): Promise<boolean> {
  return tagsFit(path.slice(path.lastIndexOf('/') + 1), runtime) && binaryFits(await readFile(path), runtime);
}

/** prebuildify: `node.napi.node`, `node.abi115.musl.node`, `electron.napi.node`, `name.glibc.node`. */
function tagsFit(name: string, {abi, libc}: RuntimeFacts): boolean {
  return name
    .split('.')
    .slice(0, -1)
    .every((tag) => {
      if (tag === 'electron' || tag === 'node-webkit') return false;
      if (/^abi\d+$/.test(tag)) return tag === `abi${abi}`;
      return (tag !== 'musl' && tag !== 'glibc') || tag === libc;
    });
}

// e_machine, from elf(5) and the ELF registry.
const MACHINES: Readonly<Record<string, number>> = {
  ia32: 3,
  ppc64: 21,
  s390x: 22,
  arm: 40,
  x64: 62,
  arm64: 183,
  riscv64: 243,
  loong64: 258,
};

function binaryFits(bytes: Buffer, {platform, arch, libc}: RuntimeFacts): boolean {
  if (platform !== 'linux') return true; // no archive is prepared there
  if (bytes.length < 20 || bytes.toString('latin1', 0, 4) !== '\x7fELF') return false;
  const littleEndian = bytes[5] === 1;
  const machine = littleEndian ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18);
  if (machine !== MACHINES[arch]) return false;
  const needs = bytes.includes('libc.musl-') ? 'musl' : bytes.includes('libc.so.6') ? 'glibc' : libc;
  return needs === libc;
}
