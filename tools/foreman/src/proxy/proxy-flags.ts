import {Flags} from '@keelson/cli-kit';

/** Flags of `start` for its proxies. */
export const proxyFlags = () => ({
  proxy: Flags.string({
    summary: 'Reverse proxies: a port for each type, in the order of the Procfile, or TYPE=PORT.',
    helpValue: '[TYPE=]PORT,…',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
  }),
  'ssl-cert': Flags.string({
    summary: 'Certificate (PEM) for https beside each reverse proxy: on its port + 443, on 443 for 80.',
    helpValue: 'FILE',
    dependsOn: ['ssl-key', 'proxy'],
  }),
  'ssl-key': Flags.string({summary: 'Its key (PEM).', helpValue: 'FILE', dependsOn: ['ssl-cert']}),
  forward: Flags.integer({
    summary: 'Port of a forward proxy: requests go to the same port of this machine.',
    helpValue: 'PORT',
    min: 0,
    max: 65_535,
  }),
  intercept: Flags.string({
    summary: 'Host whose requests the forward proxy sends to this machine. Default: all.',
    helpValue: 'HOST',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    dependsOn: ['forward'],
  }),
  'proxy-host': Flags.string({
    summary: 'Address that the proxies listen on. Default: 127.0.0.1.',
    helpValue: 'ADDRESS',
  }),
});
