/** What the first line of a file of ours says. */
export interface Marker {
  readonly app: string;
  readonly format: string;
}

/** First line of every file that we write. Without digests: units are readable for everyone, and values are easier guessed than found. */
export function markerLine({app, format}: Marker, comment = '#'): string {
  return `${comment} managed-by: keelson app=${app} format=${format}`;
}

/** Undefined for a file that isn't ours. */
export function readMarker(content: string): Marker | undefined {
  const found = /^\S{1,4} managed-by: keelson app=([a-z][a-z0-9-]*) format=([a-z0-9-]+)\r?$/m.exec(
    content.slice(0, 256),
  );
  return found?.index === 0 ? {app: found[1]!, format: found[2]!} : undefined;
}
