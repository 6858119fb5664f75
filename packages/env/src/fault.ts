import {Fault} from '@keelson/step';

/** ENV_SYNTAX names file and line; ENV_REQUIRED_MISSING every missing key at once. */
export class EnvFault extends Fault<'ENV_MISSING_FILE' | 'ENV_SYNTAX' | 'ENV_REQUIRED_MISSING'> {}
