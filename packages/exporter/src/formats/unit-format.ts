import type {Capabilities, CapabilityOf} from '../capability-report.ts';
import type {ReadProcess} from '../check-read-back.ts';
import type {TemplateOptions} from '../load-templates.ts';
import type {CompleteModel} from '../model-schema.ts';
import type {PlannedProcess} from '../planned-processes.ts';
import type {UnitFile} from '../render-units.ts';

/** A program that says whether the manager would take the files. */
export interface Checker {
  readonly program: string;
  /** Arguments, given the absolute paths of all files; undefined: nothing to check. */
  argv(files: readonly string[]): string[] | undefined;
  /** Lines about files that work nevertheless. */
  readonly advice?: RegExp | undefined;
}

/** A command that makes the manager see what was written, and the one that takes it back. */
export interface ManagerCommand {
  readonly run: readonly string[];
  readonly undo?: readonly string[] | undefined;
}

/** What there is to install of one app. */
export interface Installed {
  readonly app: string;
  /** Paths of the app's files, relative to the directory. */
  readonly files: readonly string[];
  readonly directory: string;
  readonly scope: 'system' | 'user';
}

/** How a manager learns of files. */
export interface Manager {
  /** After the files were written. Nothing is started but what the manager starts by itself. */
  enable(installed: Installed): ManagerCommand[];
  /** Before all of an app is removed: stops and forgets. */
  disable(installed: Installed): ManagerCommand[];
  /** Before some of an app's files are removed, and the others stay; default: `disable` of those. */
  stop?(installed: Installed): ManagerCommand[];
  /** After they were removed. */
  forget?(installed: Installed): ManagerCommand[];
  /** Below another root, where no manager runs: links that make the app start when that root is booted. */
  readonly inImage?: {
    /** Their directory: the first of these that is there, else the last. */
    into(installed: Pick<Installed, 'directory' | 'scope'>): readonly string[];
    /** Name of each link, and where it points to. */
    links(installed: Installed): Readonly<Record<string, string>>;
  };
  /** Directories where a file of the same name as one of the app's would be another's that takes its place, or whose place it takes. */
  alsoSearched?(scope: Installed['scope']): readonly string[];
  /** Paths below the directory that the manager made beside the app's files. */
  leftovers?(installed: Installed): string[];
}

/** What a format's file exports. */
export interface UnitFormat {
  renderFiles(
    model: CompleteModel,
    planned: readonly PlannedProcess[],
    options?: TemplateOptions,
  ): Promise<UnitFile[]>;
  /** What the files are to say, where that isn't every instance with all of its own: replicas are alike, some accounts have no word. */
  readonly planFor?: ((model: CompleteModel) => PlannedProcess[]) | undefined;
  /** What the manager will make of the files. */
  readFiles(files: readonly UnitFile[], model: CompleteModel): ReadProcess[];
  readonly CAPABILITIES: Capabilities;
  readonly capabilityOf?: CapabilityOf | undefined;
  /** Directories of logs that the manager takes for granted. */
  logDirectories?(model: CompleteModel, planned: readonly PlannedProcess[]): string[];
  /** Where the manager looks for its files. */
  readonly DIRECTORY: string;
  readonly checker?: Checker | undefined;
  /** Absent: the files are somebody else's to hand over. */
  readonly manager?: Manager | undefined;
}
