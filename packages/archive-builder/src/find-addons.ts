import {readFile, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import type {RuntimeFacts} from '@keelson/archive';
import type {StepOptions} from '@keelson/step';
import {binaryOf} from './addon-binary.ts';

// In obj.target node-gyp keeps what it has linked, before it puts that into its place.
const PASSED_OVER = new Set(['.git', 'obj.target']);

/** All of them, for whatever platform; sorted. */
export async function allAddons(dir: string, {signal}: StepOptions = {}): Promise<string[]> {
  return await addonsWhere(dir, () => true, signal);
}

/**
 * Paths of the `.node` files that this runtime would load, sorted. Packages bring builds for other platforms along; those are
 * told by their header (ELF, Mach-O, PE), the C library they need, and prebuildify's tags in their names.
 */
export async function findAddons(
  dir: string,
  runtime: RuntimeFacts,
  {signal}: StepOptions = {},
): Promise<string[]> {
  return await addonsWhere(dir, (path) => isFor(path, runtime), signal);
}

async function addonsWhere(
  dir: string,
  wanted: (path: string) => boolean | Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const found: string[] = [];
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    signal?.throwIfAborted();
    for (const entry of await readdir(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && !PASSED_OVER.has(entry.name)) todo.push(path);
      if (entry.isFile() && path.endsWith('.node') && (await wanted(join(dir, path)))) found.push(path);
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

function binaryFits(bytes: Buffer, {platform, arch, libc}: RuntimeFacts): boolean {
  const binary = binaryOf(bytes);
  if (binary === undefined || binary.platform !== platform || !binary.archs.includes(arch)) return false;
  return binary.libc === undefined || binary.libc === libc;
}
