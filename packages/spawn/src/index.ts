export {exitStatus} from './exit-status.ts';
export {SpawnFault} from './fault.ts';
export {launch} from './launch.ts';
export {redactCredentials} from './redact-credentials.ts';
export {run} from './run.ts';

export type {Child, LaunchOptions, StopOptions} from './launch.ts';
export type {Exit, LaunchSpec} from './launch-spec.ts';
export type {LineEvent, Output, RunOptions} from './run.ts';
