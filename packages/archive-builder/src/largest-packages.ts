import type {ArchiveEntry} from '@keelson/archive';

export interface PackageSize {
  /** As it is required; several copies and versions of a package count together. */
  readonly name: string;
  /** Of its files, unpacked. */
  readonly bytes: number;
}

const SHOWN = 10;
const OWNER = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/(?:@[^/]+\/)?[^/]+\/)/;

/** The dependencies with the largest files, largest first. */
export function largestPackages(entries: readonly ArchiveEntry[]): PackageSize[] {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    const name = OWNER.exec(entry.path)?.[1];
    if (name === undefined || entry.mode === 'link') continue;
    sizes.set(name, (sizes.get(name) ?? 0) + entry.size);
  }
  return [...sizes]
    .map(([name, bytes]) => ({name, bytes}))
    .sort((one, other) => other.bytes - one.bytes || (one.name < other.name ? -1 : 1))
    .slice(0, SHOWN);
}
