import {Fault} from '@keelson/step';

/** PROCFILE_* name file and line, FORMATION_* the part of the formation, PORT_* the instance. */
export class ProcfileFault extends Fault<
  | 'PROCFILE_MISSING'
  | 'PROCFILE_SYNTAX'
  | 'PROCFILE_DUPLICATE'
  | 'PROCFILE_EMPTY'
  | 'FORMATION_SYNTAX'
  | 'FORMATION_UNKNOWN_TYPE'
  | 'PORT_INVALID'
  | 'PORT_COLLISION'
> {}
