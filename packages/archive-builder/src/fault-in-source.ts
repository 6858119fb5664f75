import {existsSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {PackageManagerFault} from '@keelson/package-manager';
import type {Checkout} from '@keelson/source';
import {isFault} from '@keelson/step';
import {readPackageJson} from './read-package-json.ts';

/** A failure inside our private copy, as the user knows the place: by the source that was named. */
export function faultInSource(error: unknown, {dir, from}: Checkout): unknown {
  if (!isFault(error)) return error;
  error.message = error.message.replaceAll(dir, 'url' in from ? from.url : from.path);
  if (error.code !== 'PM_NO_LOCKFILE' || from.kind !== 'directory') return error;
  const root = workspaceRoot(from.path);
  if (root === undefined) return error;
  return new PackageManagerFault(error.code, error.message, {
    hint: `It seems to be a workspace of ${root}: build that, with --workspace ${relative(root, from.path)}.`,
    cause: error,
  });
}

/** The nearest folder above that has workspaces: its lockfile is theirs. */
function workspaceRoot(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'pnpm-workspace.yaml')) || hasWorkspaces(folder)) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function hasWorkspaces(folder: string): boolean {
  try {
    return (readPackageJson(join(folder, 'package.json')) as {workspaces?: unknown}).workspaces !== undefined;
  } catch {
    return false;
  }
}
