import type {RuntimeFacts} from './archive-manifest.ts';

/** The Node that runs this. */
export function runtimeFacts(): RuntimeFacts {
  const {versions, platform, arch} = process;
  return {version: versions.node, abi: versions.modules, platform, arch, libc: libcOf()};
}

// A report looks at everything that is open, also in the name service, so one must do.
let libc: 'glibc' | 'musl' | undefined;

function libcOf(): 'glibc' | 'musl' | undefined {
  if (process.platform !== 'linux') return undefined;
  if (libc === undefined) {
    const {header} = process.report.getReport() as {header: {glibcVersionRuntime?: string}};
    libc = header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  }
  return libc;
}
