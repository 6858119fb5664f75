import {ExportFault} from './fault.ts';
import type {Format} from './formats/table.ts';
import {readMarker} from './marker.ts';
import type {UnitFile} from './render-units.ts';

/** A file that is already there. */
export interface InstalledFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  /** Undefined when it is not a plain file. */
  readonly content: string | undefined;
}

export interface InstallChange {
  readonly op: 'write' | 'remove';
  /** Relative to the plan's root. */
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
  /** What an install wrote and nobody wants any more, but no longer carries our marker: it stays. Relative to the root. */
  readonly kept: readonly string[];
}

export interface InstallInput {
  /** Directory of the units. */
  readonly root: string;
  readonly format: Format;
  readonly app: string;
  readonly files: readonly UnitFile[];
  /** From `readInstalled`. */
  readonly existing: readonly InstalledFile[];
  /** That an install wrote. Default: nobody knows. */
  readonly recorded?: readonly string[] | undefined;
}

/** The script of a service directory; it carries the marker for files beside it that can hold nothing but a word. */
export function ownerFile(path: string): string | undefined {
  const directory = /^[^/]+(?=\/)/.exec(path)?.[0];
  return directory === undefined ? undefined : `${directory}/run`;
}

/** True only with our marker and exactly this app's name: `foo` never touches a file of `foobar`. */
export function isOurs(content: string | undefined, app: string, format: Format): boolean {
  const marker = content === undefined ? undefined : readMarker(content);
  return marker?.app === app && marker.format === format;
}

type Owned = (file: InstalledFile) => boolean;

function change(
  file: UnitFile,
  there: InstalledFile | undefined,
  {root, owned}: {readonly root: string; readonly owned: Owned},
): InstallChange[] {
  const {path, mode} = file;
  if (!there) return [{op: 'write', path, mode, because: 'new'}];
  if (!owned(there)) {
    const owner = there.content === undefined ? undefined : readMarker(there.content);
    throw new ExportFault(
      'EXPORT_FOREIGN_FILE',
      `${root}/${path} is there and ${owner ? `belongs to app ${owner.app}` : 'was not written by an export'}`,
      {hint: 'Move it away, or choose another app name.'},
    );
  }
  if (there.content !== file.content) return [{op: 'write', path, mode, because: 'content'}];
  return there.mode === mode ? [] : [{op: 'write', path, mode, because: 'mode'}];
}

/**
 * What has to be written and removed so that exactly these files of the app are there. Changes nothing; a second
 * plan after `applyInstall` has no changes.
 * Faults: EXPORT_FOREIGN_FILE.
 */
export function planInstall(input: InstallInput): InstallPlan {
  const {root, format, app, files, recorded = []} = input;
  const existing = new Map(input.existing.map((file) => [file.path, file]));
  const wanted = new Set(files.map(({path}) => path));
  const owned: Owned = (file) => {
    const owner = existing.get(ownerFile(file.path) ?? '');
    return (
      isOurs(file.content, app, format) || (file.content !== undefined && isOurs(owner?.content, app, format))
    );
  };
  const writes = files.map((file) => change(file, existing.get(file.path), {root, owned}));
  const unwanted = input.existing.filter(({path}) => !wanted.has(path));
  const removes = unwanted
    .filter(owned)
    // What says whose the others are goes last.
    .sort((a, b) => Number(a.path === ownerFile(a.path)) - Number(b.path === ownerFile(b.path)))
    .map(({path, mode}) => ({op: 'remove', path, mode, because: 'stale'}) as const);
  return {
    kind: 'install-plan',
    format,
    app,
    root,
    changes: [...writes.flat(), ...removes],
    unchanged: writes.filter((changes) => changes.length === 0).length,
    kept: unwanted.flatMap((file) => (recorded.includes(file.path) && !owned(file) ? [file.path] : [])),
  };
}

/** A plan for people. */
export function planLines({changes, unchanged}: Pick<InstallPlan, 'changes' | 'unchanged'>): string[] {
  if (changes.length === 0) return [`nothing to do: ${unchanged} files are as they should be`];
  return changes.map(({op, path, because}) => `${op} ${path} (${because})`);
}
