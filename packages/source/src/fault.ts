import {Fault} from '@keelson/step';

export class SourceFault extends Fault<'SOURCE_UNKNOWN' | 'SOURCE_MISSING' | 'SOURCE_UNSAFE_LINK'> {}
