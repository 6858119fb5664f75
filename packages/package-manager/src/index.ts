export {PackageManagerFault} from './fault.ts';
export {detectPackageManager, install, packageManagerVersion, prune, rebuild, runScript} from './steps.ts';

export type {PackageManagerFaultCode, PackageManagerFaultOptions} from './fault.ts';
export type {
  InstallOptions,
  PackageManager,
  PackageManagerLine,
  PackageManagerName,
  PackageManagerOptions,
} from './package-manager.ts';
