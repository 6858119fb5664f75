import {Fault} from '@keelson/step';

/** All but ENV_MISSING_FILE name every problem at once, with file and line where there is one, and no value. */
export class EnvFault extends Fault<
  'ENV_ARCHIVE' | 'ENV_MISSING_FILE' | 'ENV_SYNTAX' | 'ENV_REQUIRED_MISSING' | 'ENV_TYPE' | 'ENV_REFERENCE'
> {}
