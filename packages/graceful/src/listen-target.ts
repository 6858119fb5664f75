/** The TCP address that the arguments of a `listen` call ask for. */
export interface ListenTarget {
  readonly port: number;
  readonly host: string | undefined;
  readonly signal: AbortSignal | undefined;
}

interface Settings {
  readonly port?: unknown;
  readonly host?: unknown;
  readonly fd?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Reads the arguments of `net.Server.listen` as Node does: `(port[, host][, backlog])`, `({port, host, …})`, each with
 * a callback or none. Undefined when they ask for anything but a numbered TCP port (a path, a handle, any free port).
 */
export function listenTarget(values: readonly unknown[]): ListenTarget | undefined {
  const [first, second] = values;
  if (typeof first !== 'object' || first === null) return target(first, second, undefined);
  const {port, host, fd, signal} = first as Settings;
  return typeof fd === 'number' ? undefined : target(port, host, signal);
}

function target(port: unknown, host: unknown, signal: AbortSignal | undefined): ListenTarget | undefined {
  if (typeof port !== 'number' && (typeof port !== 'string' || port.trim() === '')) return undefined;
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535) return undefined;
  return {port: number, host: typeof host === 'string' && host !== '' ? host : undefined, signal};
}
