import {Fault} from '@keelson/step';

export class SourceFault extends Fault<
  'SOURCE_UNKNOWN' | 'SOURCE_UNSUPPORTED' | 'SOURCE_MISSING' | 'SOURCE_UNSAFE_LINK'
> {}
