/** What the first line of a file of ours says. */
export interface Marker {
  readonly app: string;
  readonly format: string;
}

/** First line of every file that we write. Without digests: units are readable for everyone, and values are easier guessed than found. */
export function markerLine({app, format}: Marker, comment = '#'): string {
  return `${comment} managed-by: keelson app=${app} format=${format}`;
}

// What may stand before it: the line that says who reads a script, an XML declaration, the brace that opens a JSON object.
const FIRST = String.raw`(?:#![^\n]*\n|<\?xml[^\n]*\n|\{\n +)?`;
const MARK = String.raw`keelson app=([a-z][a-z0-9-]*) format=([a-z0-9.-]+)`;
const MARKER = new RegExp(
  `^${FIRST}(?:\\S{1,4} managed-by: ${MARK}(?:\\?>)?\r?$|"managed-by": "${MARK}",?$)`,
  'm',
);

/** The same in XML, where a comment could not hold a name with two dashes. */
export function xmlMarker(marker: Marker): string {
  return `${markerLine(marker, '<?kn')}?>`;
}

/** The same as the first entry of a JSON object. */
export function jsonMarker({app, format}: Marker): {readonly 'managed-by': string} {
  return {'managed-by': `keelson app=${app} format=${format}`};
}

/** Undefined for a file that isn't ours. */
export function readMarker(content: string): Marker | undefined {
  const found = MARKER.exec(content.slice(0, 256));
  if (found?.index !== 0) return undefined;
  return {app: (found[1] ?? found[3])!, format: (found[2] ?? found[4])!};
}
