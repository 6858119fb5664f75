import {Fault} from '@keelson/step';

/** LIMITS_SIZE: a size that isn't `<whole number><B|K|M|G>`. LIMITS_ENTRY: an entry point contradicts itself. LIMITS_DEFICIT: too little memory. */
export class LimitsFault extends Fault<'LIMITS_SIZE' | 'LIMITS_ENTRY' | 'LIMITS_DEFICIT'> {}
