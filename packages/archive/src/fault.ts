import {Fault} from '@keelson/step';

export type ArchiveFaultCode =
  | 'ARCHIVE_MISSING'
  | 'ARCHIVE_NOT_BUILT'
  | 'ARCHIVE_CORRUPT'
  | 'ARCHIVE_UNSAFE_ENTRY'
  | 'ARCHIVE_TOO_LARGE'
  | 'ARCHIVE_DIGEST'
  | 'ARCHIVE_RESERVED_NAME'
  | 'ARCHIVE_CHANGED'
  | 'ARCHIVE_DESTINATION'
  | 'ARCHIVE_OPTION'
  | 'ARCHIVE_KEY'
  | 'ARCHIVE_NO_ZSTD';

export class ArchiveFault extends Fault<ArchiveFaultCode> {}
