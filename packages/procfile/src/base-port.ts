import {ProcfileFault} from './fault.ts';

export const MAX_PORT = 65_535;
const DEFAULT_PORT = 5000;

/** A place that may say the base port, called by its name in messages. */
export interface PortSource {
  /** `--port`, `.env: PORT`, `PORT` … */
  readonly name: string;
  readonly value: string | number | undefined;
}

/**
 * The base port of the first source that says one, else 5000. An empty text says none. As in foreman the order is: the flag, the env
 * files, the environment. Throws PORT_INVALID naming the source.
 */
export function chooseBasePort(sources: readonly PortSource[]): number {
  const source = sources.find(({value}) => value !== undefined && value !== '');
  return source === undefined ? DEFAULT_PORT : parsePort(String(source.value), source.name);
}

/** Text such as the value of PORT to a port from 1 to 65535; throws PORT_INVALID, calling it `name`. */
export function parsePort(text: string, name = 'PORT'): number {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= MAX_PORT) return port;
  throw new ProcfileFault('PORT_INVALID', `${name} is not a port: ${JSON.stringify(text)}`, {
    hint: `A port is a whole number from 1 to ${MAX_PORT}.`,
  });
}
