import {ForemanFault} from '../fault.ts';

/** A reverse proxy in front of all instances of a type. */
export interface ProxyPort {
  readonly type: string;
  /** 0: any. */
  readonly port: number;
}

/**
 * Which type is behind which port: `8080` (in the order of the Procfile, started types only) or `web=8080`.
 * Throws FOREMAN_ARGUMENT, FOREMAN_OPTIONS.
 */
export function proxyPorts(texts: readonly string[], types: readonly string[]): ProxyPort[] {
  const ports: ProxyPort[] = texts.map((text, place) => {
    const [, named, digits = ''] = /^(?:([A-Za-z0-9_-]+)=)?(\d{1,5})$/.exec(text.trim()) ?? [];
    if (digits === '' || Number(digits) > 65_535)
      throw wrong(`--proxy ${JSON.stringify(text)} is not PORT or TYPE=PORT`, {code: 'FOREMAN_ARGUMENT'});
    const type = named ?? types[place];
    if (type === undefined) throw wrong(`--proxy ${text}: there are only ${types.length} types`);
    if (!types.includes(type)) throw wrong(`--proxy ${text}: ${type} is not started`, {types});
    return {type, port: Number(digits)};
  });
  const twice = ports.find(
    (one, index) =>
      ports.findIndex(({type, port}) => type === one.type || (port !== 0 && port === one.port)) < index,
  );
  if (twice !== undefined) throw wrong(`--proxy: ${twice.type} or port ${twice.port} is named twice`);
  return ports;
}

/** node-foreman's place for https. */
export function secureProxyPort(port: number): number {
  if (port === 0) return 0;
  return port === 80 ? 443 : port + 443;
}

function wrong(
  message: string,
  {code = 'FOREMAN_OPTIONS', types}: {code?: ForemanFault['code']; types?: readonly string[]} = {},
): ForemanFault {
  const started = types === undefined ? '' : ` Started are: ${types.join(', ')}.`;
  return new ForemanFault(code, message, {hint: `For example --proxy web=8080.${started}`});
}
