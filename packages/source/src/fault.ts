import {Fault} from '@keelson/step';

export class SourceFault extends Fault<
  | 'SOURCE_UNKNOWN'
  | 'SOURCE_UNSUPPORTED'
  | 'SOURCE_MISSING'
  | 'SOURCE_UNSAFE_LINK'
  | 'SOURCE_UNSAFE_NAME'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_AUTH'
  | 'SOURCE_DIGEST'
  | 'SOURCE_TOO_LARGE'
  | 'SOURCE_LFS_POINTER'
> {}
