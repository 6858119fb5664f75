export {installedFolders, workspaceFolders} from './cache/installed-folders.ts';
export {detectPackageManager} from './detect.ts';
export {PackageManagerFault} from './fault.ts';
export {install, prune, returnInstalled} from './install.ts';
export {hasInstallScript, installedPackages} from './installed-packages.ts';
export {needsInstall} from './needs-install.ts';
export {packagesWithScripts, rebuild} from './rebuild.ts';
export {registryPackages} from './registry-packages.ts';
export {runScript} from './run-script.ts';
export {verifySignatures} from './verify-signatures.ts';
export {packageManagerVersion} from './version.ts';
export {runtimeWithin} from './within.ts';

export type {InstalledPackage} from './installed-packages.ts';
export type {RegistryDist, RegistryPackage} from './registry-packages.ts';
export type {PackageManagerFaultCode, PackageManagerFaultOptions} from './fault.ts';
export type {
  DependencyCache,
  InstallOptions,
  PackageManager,
  PackageManagerLine,
  PackageManagerName,
  PackageManagerOptions,
  PruneOptions,
  TargetPlatform,
} from './package-manager.ts';
