export {ManifestFault} from './fault.ts';
export {readManifest, type AppManifest} from './read-manifest.ts';
export type {AppConfig, ProcessConfig, ReadyConfig, RestartPolicy, StopSignal} from './app-config.ts';
