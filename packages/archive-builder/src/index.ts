export {buildArchive} from './build-archive.ts';
export {buildOnto} from './build-onto.ts';
export type {BranchArchive} from './build-onto.ts';
export {buildIntoRepository} from './deploy-repository/build-into-repository.ts';
export type {DeployCommit} from './deploy-repository/build-into-repository.ts';
export {BuildFault} from './fault.ts';
export {openForBuild} from './open-for-build.ts';
export {planBuild} from './plan-build.ts';

export type {BuildEvent} from './build-event.ts';
export type {BuildOptions, ContentOptions} from './build-options.ts';
export type {PackageSize} from './largest-packages.ts';
export type {OpenForBuildOptions} from './open-for-build.ts';
export type {Phase} from './phases.ts';
export type {BuildPlan} from './plan-build.ts';
