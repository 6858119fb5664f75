/** `812 B`, `34.5 kB`, `1.2 MB`. */
export function byteText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function fileCount(files: number): string {
  return `${files} ${files === 1 ? 'file' : 'files'}`;
}
