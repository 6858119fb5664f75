/** Writes a whole file: whoever reads `path`, also after a crash at any instruction, finds the old content or the new. Default mode 0644. */
export async function writeAtomic(
  path: string,
  data: string | Uint8Array,
  options: {readonly mode?: number | undefined} = {},
): Promise<void> {
  throw new TypeError(`not yet: ${path} ${data.length} ${options.mode}`);
}
