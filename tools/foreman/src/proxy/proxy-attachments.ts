import {readFile} from 'node:fs/promises';
import {ForemanFault} from '../fault.ts';
import type {StartPlan} from '../process-plan.ts';
import type {Attachment} from '../runner.ts';
// Not later: once a pipe was looked at with fstatSync, Node 20 and 22 no longer resolve pnpm's links for http-proxy-3.
import {forwardProxy} from './forward-proxy.ts';
import {proxyPorts, secureProxyPort} from './proxy-ports.ts';
import type {ListeningProxy} from './proxy-server.ts';
import {reverseProxy} from './reverse-proxy.ts';

export interface ProxyOptions {
  /** Reverse proxies: `8080` or `web=8080`. */
  readonly ports: readonly string[];
  readonly certificate?: {readonly certFile: string; readonly keyFile: string} | undefined;
  /** Port of the forward proxy. */
  readonly forward?: number | undefined;
  /** Hosts that it sends to this machine; none: all. */
  readonly intercept: readonly string[];
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
}

/** The proxies of a plan. Throws FOREMAN_OPTIONS; the attachments FOREMAN_PROXY. */
export function proxyAttachments(plan: StartPlan, options: ProxyOptions): Attachment[] {
  const {host = '127.0.0.1', certificate, forward, intercept} = options;
  const types = [...new Set(plan.processes.map(({type}) => type))];
  const reverse = proxyPorts(options.ports, types);
  if (reverse.length > 0 && plan.processes.some(({port}) => port === undefined))
    throw new ForemanFault('FOREMAN_OPTIONS', '--proxy needs processes with a PORT', {
      hint: 'Leave out --no-port.',
    });

  const attachments: Attachment[] = reverse.map(({type, port}) => async (runner) => {
    const tls = certificate && {
      key: await readPem(certificate.keyFile),
      cert: await readPem(certificate.certFile),
    };
    const plain = await reverseProxy(runner, type, {host, port});
    const open: ListeningProxy[] = [plain];
    try {
      if (tls) open.push(await reverseProxy(runner, type, {host, port: secureProxyPort(port), tls}));
    } catch (error) {
      await plain[Symbol.asyncDispose]();
      throw error;
    }
    const urls = open.map((one, place) => `http${place === 0 ? '' : 's'}://${host}:${one.port}`);
    runner.tell({type: 'foreman:noted', line: `${urls.join(' and ')} → ${type}`});
    return {
      [Symbol.asyncDispose]: async () =>
        void (await Promise.all(open.map((one) => one[Symbol.asyncDispose]()))),
    };
  });
  if (forward === undefined) return attachments;
  return [
    ...attachments,
    async (runner) => {
      const proxy = await forwardProxy({host, port: forward}, intercept);
      const whose = intercept.length === 0 ? 'all hosts' : intercept.join(', ');
      const line = `forward proxy on ${host}:${proxy.port}: requests for ${whose} go to this machine`;
      runner.tell({type: 'foreman:noted', line});
      return proxy;
    },
  ];
}

async function readPem(file: string): Promise<Buffer> {
  return readFile(file).catch((error: Error) => {
    throw new ForemanFault('FOREMAN_PROXY', `cannot read ${file}: ${error.message}`, {cause: error});
  });
}
