import type {Interfaces} from '@oclif/core';

import {controlFlags} from './control-flag.ts';
import {ptyFlags} from './pty-flag.ts';
import type {TerminalWindow} from './pty-launch.ts';
import type {ProxyOptions} from './proxy/proxy-attachments.ts';
import {proxyFlags} from './proxy/proxy-flags.ts';

/** Flags of `start` for what lives beside the processes. */
export const extraFlags = () => ({...controlFlags(), ...ptyFlags(), ...proxyFlags()});

type ExtraFlags = Interfaces.InferredFlags<ReturnType<typeof extraFlags>>;

/** What lives beside the processes, and how they are started. */
export interface Extras {
  /** Undefined: other terminals cannot control the runner. */
  readonly control?:
    | {
        /** Default: a path that follows from the directory. */
        readonly socket?: string | undefined;
        /** XDG_RUNTIME_DIR */
        readonly runtimeDirectory: string | undefined;
      }
    | undefined;
  /** The window whose size the processes' own terminals get; undefined: they get none, but pipes. */
  readonly terminal?: TerminalWindow | undefined;
  readonly proxies?: ProxyOptions | undefined;
}

interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: {
    readonly columns?: number;
    readonly rows?: number;
    on(event: 'resize', listener: () => void): unknown;
  };
}

/** What the flags ask for. */
export function extrasOf(flags: ExtraFlags, {env, stdout}: Surroundings): Extras {
  const {control: socket, 'no-control': alone, pty} = flags;
  const window: TerminalWindow = {
    size: () => (stdout.columns && stdout.rows ? [stdout.columns, stdout.rows] : undefined),
    onResize: (listener) => void stdout.on('resize', listener),
  };
  return {
    control: alone ? undefined : {socket, runtimeDirectory: env['XDG_RUNTIME_DIR']},
    terminal: pty ? window : undefined,
    proxies: proxiesOf(flags),
  };
}

function proxiesOf(flags: ExtraFlags): ProxyOptions | undefined {
  const {proxy, forward, intercept, 'proxy-host': host, 'ssl-cert': certFile, 'ssl-key': keyFile} = flags;
  if (proxy === undefined && forward === undefined) return undefined;
  const certificate = certFile === undefined || keyFile === undefined ? undefined : {certFile, keyFile};
  return {ports: proxy ?? [], forward, intercept: intercept ?? [], host, certificate};
}
