import {relative} from 'node:path';
import {TEST_KIT} from './floors.ts';
import type {WorkspacePackage} from './workspace.ts';

/** tsconfig references of a package's sources: its workspace dependencies, sorted. */
export function tsconfigReferences(one: WorkspacePackage, all: readonly WorkspacePackage[]): string[] {
  const names = new Set(Object.keys(one.manifest.dependencies ?? {}));
  return pathsTo(one.dir, names, all);
}

/** tsconfig references of a package's tests: the package itself, the test kit and whatever its devDependencies name. */
export function testReferences(one: WorkspacePackage, all: readonly WorkspacePackage[]): string[] {
  const names = new Set(Object.keys(one.manifest.devDependencies ?? {}));
  if (one.manifest.name === TEST_KIT) names.delete(TEST_KIT);
  return ['..', ...pathsTo(`${one.dir}/test`, names, all)];
}

function pathsTo(from: string, names: ReadonlySet<string>, all: readonly WorkspacePackage[]): string[] {
  return all.filter((other) => names.has(other.manifest.name)).map((other) => relative(from, other.dir));
}
