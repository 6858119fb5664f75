import type {Interfaces} from '@oclif/core';

import {controlFlags} from './control-flag.ts';

/** Flags of `start` for what lives beside the processes. */
export const extraFlags = () => ({...controlFlags()});

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
}

/** What the flags ask for. */
export function extrasOf(flags: ExtraFlags, env: Readonly<Record<string, string | undefined>>): Extras {
  const {control: socket, 'no-control': alone} = flags;
  return {control: alone ? undefined : {socket, runtimeDirectory: env['XDG_RUNTIME_DIR']}};
}
