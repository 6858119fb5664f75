export {drain} from './drain.ts';
export {GracefulFault} from './fault.ts';
export {gate} from './gate.ts';
export {gateEnvironment, isGateMessage} from './gate-environment.ts';
export {track} from './tracked-server.ts';
export type {DrainOptions, DrainReport} from './drain.ts';
export type {Gate, GateOptions} from './gate.ts';
export type {FromWorker, GateSettings, ToWorker} from './gate-environment.ts';
export type {ServerProtocol} from './tracked-server.ts';
