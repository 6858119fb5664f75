import type {Format, UnitFile} from './render-units.ts';

/** A file that is already there. */
export interface InstalledFile {
  readonly path: string;
  readonly mode: number;
  /** Undefined when it is not a plain file. */
  readonly content: string | undefined;
}

export interface InstallChange {
  readonly op: 'write' | 'remove';
  readonly path: string;
  readonly mode: number;
  readonly because: 'new' | 'content' | 'mode' | 'stale';
}

/** What writing the units would change. Holds no content, so that printing it shows no secret. */
export interface InstallPlan {
  readonly kind: 'install-plan';
  readonly format: Format;
  readonly app: string;
  readonly root: string;
  readonly changes: readonly InstallChange[];
  readonly unchanged: number;
}

export interface InstallInput {
  /** Directory of the units. */
  readonly root: string;
  readonly format: Format;
  readonly app: string;
  readonly files: readonly UnitFile[];
  /** From `readInstalled`. */
  readonly existing: readonly InstalledFile[];
}

export function planInstall(input: InstallInput): InstallPlan {
  throw new Error(`not yet ${input.root}`);
}
