import type {StepOptions} from '@keelson/step';
import type {InstallOptions, PackageManager, PackageManagerOptions} from './package-manager.ts';

export async function detectPackageManager(dir: string, options: StepOptions = {}): Promise<PackageManager> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}
export async function packageManagerVersion(
  dir: string,
  options: PackageManagerOptions = {},
): Promise<string> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}
export async function install(dir: string, options: InstallOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}
export async function prune(dir: string, options: PackageManagerOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir);
}
export async function rebuild(
  dir: string,
  packages: readonly string[],
  options: PackageManagerOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir + packages.join());
}
export async function runScript(
  dir: string,
  name: string,
  options: PackageManagerOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  throw new TypeError(dir + name);
}
