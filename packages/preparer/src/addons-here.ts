import {endianness} from 'node:os';
import {join} from 'node:path';
import type {RuntimeFacts} from '@keelson/archive';
import {readElf, type ElfFacts} from './elf-facts.ts';
import {PrepareFault} from './fault.ts';

/** The add-ons of one package that are built for this machine: of these at least one must load. */
export interface AddonGroup {
  /** Name of the package; '' is the app itself. */
  readonly package: string;
  /** Relative paths, sorted. */
  readonly files: readonly string[];
}

// e_machine of elf(5) and word size, by what Node calls the architecture.
const MACHINES: Readonly<Record<string, {readonly machine: number; readonly bits: 32 | 64}>> = {
  arm: {machine: 40, bits: 32},
  arm64: {machine: 183, bits: 64},
  ia32: {machine: 3, bits: 32},
  loong64: {machine: 258, bits: 64},
  ppc64: {machine: 21, bits: 64},
  riscv64: {machine: 243, bits: 64},
  s390x: {machine: 22, bits: 64},
  x64: {machine: 62, bits: 64},
};

// Alpine's musl has the architecture in its name, musl toolchains of other systems ask for plain libc.so.
const MUSL = /^(libc\.musl-.*\.so\.\d+|ld-musl-.*\.so\.\d+|libc\.so)$/;
const GLIBC = /^(libc\.so\.6|ld-linux.*\.so\.\d+)$/;

/**
 * The add-ons that could load here, grouped by their package. A package often carries builds for other systems, C libraries and
 * ABIs (`prebuilds/darwin-arm64`, `node.napi.musl.node`), or shared objects that are no add-ons at all (the test extension of
 * better-sqlite3): so what is built for elsewhere is left out, and of the rest one in each package has to load. Outside Linux
 * nothing is left out. Fault PREPARE_ADDON_BROKEN for a path that cannot be read.
 */
export async function addonsHere(
  dir: string,
  addons: readonly string[],
  machine: RuntimeFacts,
): Promise<AddonGroup[]> {
  const groups = new Map<string, string[]>();
  for (const path of [...addons].toSorted()) {
    if (machine.platform === 'linux' && !loadsHere(await elfOf(dir, path), machine)) continue;
    const owner = packageOf(path);
    groups.set(owner, [...(groups.get(owner) ?? []), path]);
  }
  return [...groups].map(([name, files]) => ({package: name, files}));
}

async function elfOf(dir: string, path: string): Promise<ElfFacts | undefined> {
  try {
    return await readElf(join(dir, path));
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    throw new PrepareFault(
      'PREPARE_ADDON_BROKEN',
      `${path} is on the list of add-ons, but cannot be read: ${code}`,
      {
        cause,
      },
    );
  }
}

/** Whether an ELF file is for this architecture and, as far as it says, for this C library. */
export function loadsHere(elf: ElfFacts | undefined, {arch, libc}: RuntimeFacts): boolean {
  if (elf === undefined) return false;
  const here = MACHINES[arch];
  if (here !== undefined && (elf.machine !== here.machine || elf.bits !== here.bits)) return false;
  if (elf.endianness !== endianness()) return false;
  const built = libcOf(elf.needed ?? []);
  return built === undefined || libc === undefined || built === libc;
}

function libcOf(needed: readonly string[]): 'glibc' | 'musl' | undefined {
  if (needed.some((name) => MUSL.test(name))) return 'musl';
  return needed.some((name) => GLIBC.test(name)) ? 'glibc' : undefined;
}

/** `node_modules/.pnpm/a@1/node_modules/@x/a/build/a.node` → `@x/a`. */
export function packageOf(path: string): string {
  return /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? '';
}
