import type {HealthAddress} from './health-address.ts';
import type {Plugin} from './plugin.ts';
import {serveHealth} from './serve-health.ts';

/** `--health-on`: answers until the last worker is gone, so that 503 is heard while it drains. */
export function healthPlugin(where: HealthAddress): Plugin {
  return {
    name: 'health',
    async setup(api) {
      const endpoints = await serveHealth(where, api);
      return () => endpoints[Symbol.asyncDispose]();
    },
  };
}
