import {readFileSync, readdirSync, existsSync} from 'node:fs';
import {join, relative} from 'node:path';

export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** One TypeScript file: its path below the package and its lines. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export interface WorkspacePackage {
  readonly dir: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sources: readonly SourceFile[];
  readonly tests: readonly SourceFile[];
}

/** A broken rule: where, which, and what to do. */
export interface Violation {
  readonly file: string;
  readonly rule: string;
  readonly because: string;
}

/** Reads every package below `packages/` and `tools/` of the repository at `root`. */
export function readWorkspace(root: string): WorkspacePackage[] {
  const folders = ['packages', 'tools'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const dir = join(root, folder);
      return {
        dir,
        folder,
        manifest: readJson<Manifest>(join(dir, 'package.json')),
        sources: readSources(dir, 'src'),
        tests: readSources(dir, 'test'),
      };
    })
    .toSorted((a, b) => (a.folder < b.folder ? -1 : 1));
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

function readSources(dir: string, part: string): SourceFile[] {
  const top = join(dir, part);
  if (!existsSync(top)) return [];
  return readdirSync(top, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes('/fixtures/'))
    .map((path) => ({path: relative(dir, path), text: readFileSync(path, 'utf8')}))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
