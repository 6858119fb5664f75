import type {StepOptions} from '@keelson/step';

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn';

export interface PackageManager {
  readonly kind: 'package-manager';
  readonly name: PackageManagerName;
  /** What the `packageManager` field asks for. */
  readonly version?: string | undefined;
  /** Yarn 2 or later. */
  readonly berry?: true | undefined;
  /** Yarn 2 or later without a node_modules: packages stay zipped, and `.pnp.cjs` tells Node where they are. */
  readonly pnp?: true | undefined;
  /**
   * Words before a command that run it in another environment, which has the same files under the same paths (`chroot /srv/root`).
   * Default: here.
   */
  readonly within?: readonly string[] | undefined;
  /** File name. */
  readonly lockfile?: string | undefined;
}

/** A line of a package manager's or a script's output; or ours, when its installation cannot be kept. */
export interface PackageManagerLine {
  readonly type: 'package-manager:line';
  readonly stream: 'out' | 'err';
  readonly line: string;
}

export interface PackageManagerOptions extends StepOptions<PackageManagerLine> {
  /** Default: what `detectPackageManager` finds. */
  readonly manager?: PackageManager | undefined;
}

/** Where installed trees are kept for the next time. */
export interface DependencyCache {
  /** A folder of the cache's own; made when missing. Whoever can write to it decides what is installed. */
  readonly folder: string;
  /** Of the package manager that runs, from `packageManagerVersion`. */
  readonly version: string;
}

export interface PruneOptions extends PackageManagerOptions {
  /** Default: nothing is kept. */
  readonly cache?: DependencyCache | undefined;
}

export interface InstallOptions extends PruneOptions {
  /** Without devDependencies. Default false. */
  readonly production?: boolean | undefined;
  /** Takes the packages that are for this platform instead of those for this machine: npm and pnpm alone can. */
  readonly platform?: TargetPlatform | undefined;
}

/** In the words of Node: `process.platform`, `process.arch`. */
export interface TargetPlatform {
  readonly platform: string;
  readonly arch: string;
  readonly libc?: 'glibc' | 'musl' | undefined;
}
