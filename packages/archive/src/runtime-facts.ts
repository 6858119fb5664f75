import {closeSync, openSync, readSync} from 'node:fs';
import type {RuntimeFacts} from './archive-manifest.ts';

type CLibrary = RuntimeFacts['libc'];

/** The Node that runs this. */
export function runtimeFacts(): RuntimeFacts {
  const {versions, platform, arch} = process;
  return {version: versions.node, abi: versions.modules, platform, arch, libc: libcOf()};
}

let libc: CLibrary;

function libcOf(): CLibrary {
  if (process.platform !== 'linux') return undefined;
  return (libc ??= libcOfLoader() ?? libcOfReport());
}

/** By the loader that a program names in its head (elf(5), PT_INTERP): `/lib64/ld-linux-x86-64.so.2`, `/lib/ld-musl-x86_64.so.1`. */
function libcOfLoader(): CLibrary {
  const head = Buffer.alloc(4096);
  try {
    const descriptor = openSync(process.execPath, 'r');
    readSync(descriptor, head, 0, head.length, 0);
    closeSync(descriptor);
  } catch {
    return undefined; // it was replaced since, or only root may read it
  }
  if (head.includes('/ld-musl-')) return 'musl';
  return head.includes('/ld-linux') ? 'glibc' : undefined;
}

/** A report takes a hundred times as long, and asks the name service about every connection that is open. */
function libcOfReport(): CLibrary {
  const {header} = process.report.getReport() as {header: {glibcVersionRuntime?: string}};
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
