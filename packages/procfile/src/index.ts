export {ProcfileFault} from './fault.ts';
export {expandFormation, parseFormation} from './formation.ts';
export type {Formation, Instance, PortOptions} from './formation.ts';
export {parseProcfile, readProcfile} from './procfile.ts';
export type {ProcessType, Procfile} from './procfile.ts';
