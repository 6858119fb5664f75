export {exitStatus} from './exit-status.ts';
export {SpawnFault} from './fault.ts';
export {launch, type Child, type StopOptions} from './launch.ts';
export {run, type LineEvent, type Output, type RunOptions} from './run.ts';
export type {Exit, LaunchSpec} from './launch-spec.ts';
