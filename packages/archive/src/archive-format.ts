/** How the tar is wrapped. */
export type ArchiveFormat = 'gzip' | 'zstd' | 'plain';

/** What a file's name asks for; undefined for no name of an archive. */
export function formatOfName(path: string): ArchiveFormat | undefined {
  if (/\.(tgz|tar\.gz)$/.test(path)) return 'gzip';
  if (/\.(tzst|tar\.zst)$/.test(path)) return 'zstd';
  return path.endsWith('.tar') ? 'plain' : undefined;
}

/** What the first bytes of a file say; anything unknown is read as a plain tar, whose headers have checksums. */
export function formatOfBytes(head: Uint8Array): ArchiveFormat {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
  return 'plain';
}

/** Where a tar says what it is, in its first header. */
const MAGIC_AT = 257;
export const HEAD_BYTES = MAGIC_AT + 5;

const OTHERS = {xz: '\xfd7zXZ', bzip2: 'BZh', zip: 'PK\x03\x04'};

/** What others pack with, and nothing here reads, by the first HEAD_BYTES of a file. */
export function foreignFormat(head: Buffer): string | undefined {
  const text = head.toString('latin1');
  if (text.slice(MAGIC_AT) === 'ustar') return undefined;
  return Object.entries(OTHERS).find(([, magic]) => text.startsWith(magic))?.[0];
}
