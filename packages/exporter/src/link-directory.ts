import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';

import type {Installed, Manager} from './formats/unit-format.ts';
import type {InstallRecord} from './install-record.ts';

/** Where the links lie that make a manager start something when a root is booted. Absolute paths. */
export interface LinkDirectory {
  readonly into: string;
  /** Directories that an install makes for it, or has made, innermost first. */
  readonly made: readonly string[];
}

function missing(path: string): string[] {
  return existsSync(path) ? [] : [path, ...missing(dirname(path))];
}

/** Undefined where the manager looks for no links, or only makes their directory when it boots. */
export function linkDirectory(
  {inImage}: Manager,
  {
    root,
    record,
    ...of
  }: Pick<Installed, 'directory' | 'scope'> & {
    readonly root: string;
    readonly record: InstallRecord | undefined;
  },
): LinkDirectory | undefined {
  const all = (inImage?.into(of) ?? []).map((directory) => join(root, directory));
  const into = all.find((directory) => existsSync(directory)) ?? all.at(-1);
  return into === undefined ? undefined : {into, made: record?.links ?? missing(into)};
}
