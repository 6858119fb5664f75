export {nodeFolder} from './node-folder.ts';
export {planCurrent} from './plan-current.ts';
export {configDigest} from './config/config-digest.ts';
export {readConfig} from './config/read-config.ts';
export {deploy} from './deploy.ts';
export {DeployFault} from './fault.ts';
export {reconfigure} from './reconfigure.ts';
export {resume} from './resume.ts';
export {rollback} from './rollback.ts';
export {runAction} from './run-action.ts';

export type {ConfigDigest} from './config/config-digest.ts';
export type {ReadConfig, ReadConfigOptions} from './config/read-config.ts';
export type {DeployOptions} from './deploy.ts';
export type {Deployment, DeployEvent, DeployTarget} from './deployment.ts';
export type {ConfigChange} from './reconfigure.ts';
export type {RollbackOptions} from './rollback.ts';
export type {ActionResult, RunActionOptions} from './run-action.ts';
export type {PlannedInstance, Reach, Readiness, Runtime, Workload} from './runtime.ts';
