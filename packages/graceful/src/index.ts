export {drain} from './drain.ts';
export type {DrainOptions, DrainReport} from './drain.ts';
export {gate} from './gate.ts';
export type {Gate, GateOptions} from './gate.ts';
