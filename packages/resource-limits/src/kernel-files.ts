import {join} from 'node:path';

/** The text of a file of the kernel, or undefined when it is missing or may not be read: then it limits nothing that we could know. */
export type ReadKernelFile = (path: string) => Promise<string | undefined>;

/** @param root where /proc and /sys are looked up */
export async function kernelFiles(root: string): Promise<ReadKernelFile> {
  const {default: fs} = await import('fs-extra');
  return async (path) => {
    try {
      return await fs.readFile(join(root, path), 'utf8');
    } catch {
      return undefined;
    }
  };
}

/** A count as the kernel writes it; undefined for `max`, `unlimited`, `-1`, an empty file and a missing one. */
export function parseCount(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  return /^\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}
