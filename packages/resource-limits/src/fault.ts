import {Fault} from '@keelson/step';

/**
 * LIMITS_SIZE: a size that isn't `<whole number><B|K|M|G>`. LIMITS_OPTION: an override that no machine can have.
 * LIMITS_ENTRY: an entry point contradicts itself or another one. LIMITS_DEFICIT: the memory is less than the entry points need at least.
 */
export class LimitsFault extends Fault<'LIMITS_SIZE' | 'LIMITS_OPTION' | 'LIMITS_ENTRY' | 'LIMITS_DEFICIT'> {}
