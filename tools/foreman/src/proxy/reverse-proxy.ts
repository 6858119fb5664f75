import type {Runner} from '../runner.ts';
import {listenAsProxy, type ListeningProxy, type ProxyAddress} from './proxy-server.ts';

/** In front of all instances of a type, in turn; those that do not run are left out. Throws FOREMAN_PROXY. */
export async function reverseProxy(
  runner: Runner,
  type: string,
  address: ProxyAddress,
): Promise<ListeningProxy> {
  let turn = 0;
  return listenAsProxy(address, {
    forwardedHeaders: true,
    target() {
      const running = runner.ps().filter((one) => one.type === type && one.state === 'running');
      const chosen = running[turn++ % Math.max(1, running.length)];
      if (chosen?.port === undefined) return `Upstream Proxy Error: no ${type} runs at the moment`;
      return {host: 'localhost', port: chosen.port};
    },
  });
}
