export {SupervisorFault} from './fault.ts';
export type {GenerationState, InstanceStatus, SupervisorStatus, WorkerState, WorkerStatus} from './status.ts';
export {supervise} from './supervise.ts';
export type {Generation, SuperviseOptions, Supervisor, SupervisorEvent} from './supervise.ts';
export type {Readiness, SupervisedInstance, Workload} from './workload.ts';
