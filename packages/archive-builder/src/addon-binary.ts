/** Where a shared library can be loaded, as its header says. */
export interface Binary {
  readonly platform: 'linux' | 'darwin' | 'win32' | 'freebsd';
  /** Several in a universal binary of macOS; none for a machine that Node does not know. */
  readonly archs: readonly string[];
  /** Undefined: it needs none of them by name, or it is not for Linux. */
  readonly libc?: 'glibc' | 'musl' | undefined;
}

// e_machine, from elf(5) and the ELF registry.
const ELF: Readonly<Record<number, string>> = {
  3: 'ia32',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};
const ELF_OS_FREEBSD = 9;
// <mach/machine.h>: CPU_TYPE_X86_64 and CPU_TYPE_ARM64.
const MACH: Readonly<Record<number, string>> = {0x01000007: 'x64', 0x0100000c: 'arm64'};
const MACH_64 = 0xfeedfacf;
const MACH_FAT = 0xcafebabe;
const FAT_ENTRY_BYTES = 20;
const MOST_ARCHS = 16;
// https://learn.microsoft.com/en-us/windows/win32/debug/pe-format#machine-types
const PE: Readonly<Record<number, string>> = {0x14c: 'ia32', 0x8664: 'x64', 0xaa64: 'arm64'};

/** Undefined: no shared library of a kind that is known here. */
export function binaryOf(bytes: Buffer): Binary | undefined {
  if (bytes.length < 20) return undefined;
  if (bytes.toString('latin1', 0, 4) === '\x7fELF') return elf(bytes);
  if (bytes.readUInt32LE(0) === MACH_64) return mac([bytes.readUInt32LE(4)]);
  if (bytes.readUInt32BE(0) === MACH_FAT) return mac(fatCpus(bytes));
  if (bytes.toString('latin1', 0, 2) === 'MZ') return windows(bytes);
  return undefined;
}

function elf(bytes: Buffer): Binary {
  const machine = bytes[5] === 1 ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18);
  const archs = known([ELF[machine]]);
  if (bytes[7] === ELF_OS_FREEBSD) return {platform: 'freebsd', archs};
  const libc = bytes.includes('libc.musl-') ? 'musl' : bytes.includes('libc.so.6') ? 'glibc' : undefined;
  return {platform: 'linux', archs, libc};
}

function mac(cpus: readonly number[]): Binary {
  return {platform: 'darwin', archs: known(cpus.map((cpu) => MACH[cpu]))};
}

function fatCpus(bytes: Buffer): number[] {
  const count = Math.min(bytes.readUInt32BE(4), MOST_ARCHS, Math.floor((bytes.length - 8) / FAT_ENTRY_BYTES));
  return Array.from({length: count}, (_, index) => bytes.readUInt32BE(8 + index * FAT_ENTRY_BYTES));
}

function windows(bytes: Buffer): Binary | undefined {
  if (bytes.length < 64) return undefined;
  const at = bytes.readUInt32LE(0x3c);
  if (at + 6 > bytes.length || bytes.toString('latin1', at, at + 4) !== 'PE\0\0') return undefined;
  return {platform: 'win32', archs: known([PE[bytes.readUInt16LE(at + 4)]])};
}

function known(archs: readonly (string | undefined)[]): string[] {
  return archs.filter((one) => one !== undefined);
}
