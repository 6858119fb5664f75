import type {IncomingMessage} from 'node:http';
import {connect} from 'node:net';
import type {Duplex} from 'node:stream';
import {
  findAddress,
  listenAsProxy,
  type ListeningProxy,
  type ProxyAddress,
  type ProxyTarget,
} from './proxy-server.ts';

/**
 * A proxy for browsers: requests for the intercepted hosts (none named: for all) go to the same port of this machine,
 * others where they are for. Tunnels (https) likewise. Throws FOREMAN_PROXY.
 */
export async function forwardProxy(
  address: ProxyAddress,
  intercepted: readonly string[],
): Promise<ListeningProxy> {
  const names = intercepted.map((name) => name.toLowerCase());
  const targetOf = (host: string, port: number): ProxyTarget => {
    const isOurs = names.length === 0 || names.includes(host.toLowerCase());
    return {host: isOurs ? 'localhost' : host.replace(/^\[|\]$/g, ''), port};
  };
  const proxy = await listenAsProxy(address, {
    forwardedHeaders: false,
    target(request) {
      const url = parseTarget(request.url ?? '');
      if (url === undefined) return 'This is a forward proxy: it takes requests with a whole URL.';
      request.url = `${url.pathname}${url.search}`;
      request.headers.host = url.host;
      return targetOf(url.hostname, Number(url.port || 80));
    },
  });
  proxy.server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const url = parseTarget(`http://${request.url}`);
    client.on('error', () => client.destroy());
    if (url === undefined) return client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    const {host, port} = targetOf(url.hostname, Number(/:(\d+)$/.exec(request.url ?? '')?.[1] ?? 443));
    const upstream = connect({host, port, lookup: findAddress});
    const broken = () =>
      client.writable ? client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n') : client.destroy();
    upstream.once('error', broken);
    upstream.once('connect', () => {
      upstream.off('error', broken).on('error', () => client.destroy());
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    client.once('close', () => upstream.destroy());
    return undefined;
  });
  return proxy;
}

function parseTarget(url: string): URL | undefined {
  return /^(http|ws):\/\//i.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}
