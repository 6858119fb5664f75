/** A TCP address, or the path of a unix socket. */
export type HealthAddress = {readonly host: string; readonly port: number} | {readonly path: string};

/** `8081` (of loopback), `0.0.0.0:8081`, `[::]:8081`, or a path with a slash in it. Undefined for anything else. */
export function parseHealthAddress(text: string): HealthAddress | undefined {
  if (text.includes('/')) return {path: text};
  const [, host = '127.0.0.1', port] = /^(?:\[?([\w.:-]+?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) <= 65_535 ? {host, port: Number(port)} : undefined;
}
