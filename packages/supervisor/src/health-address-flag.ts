import {Flags, UsageError} from '@keelson/cli-kit';
import type {HealthAddress} from './health-address.ts';

/** As `parseHealthAddress` reads it. */
export const healthAddressFlag = Flags.custom<HealthAddress>({
  helpValue: '[HOST:]PORT|PATH',
  parse: async (text) => {
    const {parseHealthAddress} = await import('./health-address.ts');
    const address = parseHealthAddress(text);
    if (address !== undefined) return address;
    throw new UsageError(`an address is 8081, 0.0.0.0:8081 or a path with a slash, not ${text}`);
  },
});
