import {Flags, UsageError} from '@keelson/cli-kit';
import type {Listener} from './parse-listener.ts';

/** `--listener cluster` */
export const listenerFlag = Flags.custom<Listener>({
  summary:
    'cluster: listen as the primary of node:cluster, for apps that need cluster.worker or its even balance.',
  helpValue: 'held|cluster',
  parse: async (text) => {
    const {parseListener} = await import('./parse-listener.ts');
    const listener = parseListener(text);
    if (listener !== undefined) return listener;
    throw new UsageError(`it is held or cluster, not ${text}`);
  },
});
