export {ForemanFault} from './fault.ts';
export type {AwaitReady, Readiness} from './await-ready.ts';
export type {ForemanEvent} from './foreman-event.ts';
export type {ProcessPlan, StartPlan, StopOn} from './process-plan.ts';
export type {ProcessState, ProcessStatus} from './process-status.ts';
export type {Attachment, OutputListener, Runner} from './runner.ts';
export type {Launcher, RunningProcess} from './running-process.ts';
