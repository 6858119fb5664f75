export {SupervisorFault} from './fault.ts';
export {supervise} from './supervise.ts';
export type {Generation} from './generation.ts';
export type {GenerationState, InstanceStatus, SupervisorStatus, WorkerState, WorkerStatus} from './status.ts';
export type {SuperviseOptions, Supervisor, SupervisorEvent} from './supervise.ts';
export type {Readiness, SupervisedInstance, Workload} from './workload.ts';
