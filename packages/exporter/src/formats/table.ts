import type {Capabilities} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';

export type Format = 'systemd';

/** What a format's file exports. */
export interface UnitFormat {
  renderFiles(model: CompleteModel, planned: readonly PlannedProcess[]): Promise<UnitFile[]>;
  /** What the manager will make of the files. */
  readFiles(files: readonly UnitFile[], model: CompleteModel): ReadProcess[];
  readonly CAPABILITIES: Capabilities;
  /** The manager's own checker. */
  readonly checker: {
    readonly program: string;
    /** Arguments for the files, which lie in `directory`. */
    argv(files: readonly string[]): string[];
  };
}

/** A new format is one file and one row. */
export const FORMATS = {
  systemd: () => import('./systemd.ts'),
} satisfies Record<Format, () => Promise<UnitFormat>>;
