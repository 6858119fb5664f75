import type {StepOptions} from '@keelson/step';

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn';

export interface PackageManager {
  readonly kind: 'package-manager';
  readonly name: PackageManagerName;
  /** What the `packageManager` field asks for. */
  readonly version?: string | undefined;
  /** File name. */
  readonly lockfile?: string | undefined;
}

/** A line of a package manager's or a script's output. */
export interface PackageManagerLine {
  readonly type: 'package-manager:line';
  readonly stream: 'out' | 'err';
  readonly line: string;
}

export interface PackageManagerOptions extends StepOptions<PackageManagerLine> {
  /** Default: what `detectPackageManager` finds. */
  readonly manager?: PackageManager | undefined;
}

export interface InstallOptions extends PackageManagerOptions {
  /** Without devDependencies. Default false. */
  readonly production?: boolean | undefined;
}
