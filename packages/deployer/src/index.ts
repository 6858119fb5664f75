export {deploy} from './deploy.ts';
export {DeployFault} from './fault.ts';
export {resume} from './resume.ts';
export {rollback} from './rollback.ts';

export type {DeployOptions} from './deploy.ts';
export type {Deployment, DeployEvent, DeployTarget} from './deployment.ts';
export type {PlannedInstance, Readiness, Runtime, Workload} from './runtime.ts';
