/** Makes the symbolic link `link` point to `target` (kept as given) in one step: readers see the old target or the new one. */
export async function replaceLink(link: string, target: string): Promise<void> {
  throw new TypeError(`not yet: ${link} ${target}`);
}
