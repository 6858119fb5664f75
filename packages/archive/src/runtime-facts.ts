import type {RuntimeFacts} from './archive-manifest.ts';

/** The Node that runs this. */
export function runtimeFacts(): RuntimeFacts {
  const {versions, platform, arch} = process;
  return {version: versions.node, abi: versions.modules, platform, arch, libc: libcOf()};
}

function libcOf(): 'glibc' | 'musl' | undefined {
  if (process.platform !== 'linux') return undefined;
  const {header} = process.report.getReport() as {header: {glibcVersionRuntime?: string}};
  return header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}
