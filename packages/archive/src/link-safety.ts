/** Why a link of a tree must not be there, walked as the kernel would; undefined when every link stays inside. */
export function findUnsafeLink(
  links: ReadonlyMap<string, string>,
): {readonly path: string; readonly because: string} | undefined {
  throw new TypeError(String(links.size));
}
