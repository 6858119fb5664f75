export {ProcfileFault} from './fault.ts';
export {parseFormation} from './formation.ts';
export type {Formation} from './formation.ts';
export {expandFormation, parsePort} from './instances.ts';
export type {Instance, PortOptions} from './instances.ts';
export {parseProcfile, requireTypes} from './procfile.ts';
export type {ProcessType, Procfile} from './procfile.ts';
export {readProcfile} from './read-procfile.ts';
export type {ReadProcfileOptions} from './read-procfile.ts';
