export {ManifestFault} from './fault.ts';
export {readManifest, type AppManifest} from './read-manifest.ts';
export type {
  AppConfig,
  ProcessConfig,
  ReadyConfig,
  RequiredType,
  RestartPolicy,
  StopSignal,
} from './app-config.ts';
