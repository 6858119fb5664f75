/** Removes a file, link or folder with all below it, also read-only folders. Links are removed, never followed. Fine when missing. */
export async function removeTree(path: string): Promise<void> {
  throw new TypeError(`not yet: ${path}`);
}
