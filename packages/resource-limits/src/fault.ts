import {Fault} from '@keelson/step';

/**
 * LIMITS_SIZE: a size that isn't `<whole number><B|K|M|G>`. LIMITS_OPTION: an override that no machine can have.
 * LIMITS_ENTRY: an entry point contradicts itself or another one. LIMITS_DEFICIT: the memory is less than the entry points need at least.
 * LIMITS_FILE: a file of entry points that is missing, no JSON, or has a key or value that means nothing.
 * LIMITS_ADDRESS: an address that cannot be assigned. LIMITS_ADDRESS_TAKEN: a fixed address that another one wants, or that is in use.
 */
export class LimitsFault extends Fault<
  | 'LIMITS_SIZE'
  | 'LIMITS_OPTION'
  | 'LIMITS_ENTRY'
  | 'LIMITS_DEFICIT'
  | 'LIMITS_FILE'
  | 'LIMITS_ADDRESS'
  | 'LIMITS_ADDRESS_TAKEN'
> {}
