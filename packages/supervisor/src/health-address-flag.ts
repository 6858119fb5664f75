import {Flags, UsageError} from '@keelson/cli-kit';

/** A TCP address, or the path of a unix socket. */
export type HealthAddress = {readonly host: string; readonly port: number} | {readonly path: string};

/** `8081` (of loopback), `0.0.0.0:8081`, `[::]:8081`, or a path with a slash in it. */
export const healthAddressFlag = Flags.custom<HealthAddress>({
  helpValue: '[HOST:]PORT|PATH',
  parse: async (text) => {
    if (text.includes('/')) return {path: text};
    const [, host = '127.0.0.1', port] = /^(?:\[?([\w.:-]+?)\]?:)?(\d{1,5})$/.exec(text) ?? [];
    if (port !== undefined && Number(port) <= 65_535) return {host, port: Number(port)};
    throw new UsageError(`an address is 8081, 0.0.0.0:8081 or a path with a slash, not ${text}`);
  },
});
