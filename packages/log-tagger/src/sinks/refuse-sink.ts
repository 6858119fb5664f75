import {redactCredentials} from '@keelson/spawn';

import {TaggerFault} from '../fault.ts';

/** Throws TAGGER_SINK_INVALID; what is quoted loses its credentials. */
export function refuseSink(message: string, hint?: string): never {
  throw new TaggerFault('TAGGER_SINK_INVALID', redactCredentials(message), {hint});
}
