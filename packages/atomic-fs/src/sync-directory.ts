/** Makes the names in a directory survive a power cut (fsync of the directory). */
export async function syncDirectory(path: string): Promise<void> {
  throw new TypeError(`not yet: ${path}`);
}
