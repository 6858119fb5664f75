import type {TargetPlatform} from '../package-manager.ts';

/** How one package manager says what all of them do: arguments after its name. */
export interface Manager {
  /** One call after the other. */
  readonly install: (production: boolean) => readonly (readonly string[])[];
  /** Arguments of an installation that make it choose packages for another platform. Undefined: it cannot. */
  readonly platform?: (target: TargetPlatform) => readonly string[];
  readonly prune: readonly string[];
  readonly run: (script: string) => readonly string[];
  /** Undefined: it cannot in a tree that was moved. */
  readonly rebuild: ((packages: readonly string[], majorVersion: number) => readonly string[]) | undefined;
  /** Makes the lockfile. */
  readonly lock: string;
  /** What it prints when package.json and the lockfile disagree. */
  readonly outdated: RegExp;
  /** Settings that it takes from the environment alone. */
  readonly environment?: Readonly<Record<string, string>>;
}
