import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {whyExcluded} from '@keelson/archive';
import {listIgnored, listWorkTreeFiles} from '@keelson/git';
import {isFault, type StepOptions} from '@keelson/step';
import type {SourceEvent} from './checkout.ts';
import {refuseUnsafeName} from './refuse-unsafe-name.ts';

export interface SourceFilesOptions extends StepOptions<SourceEvent> {
  /** With the `node_modules` that an installation made, which git ignores. Default false. */
  readonly installed?: boolean | undefined;
  /** Tells what comes along although git ignores it. */
  readonly include?: ((path: string) => boolean) | undefined;
  /** Tells also of what git ignores and of `node_modules`. Default false. */
  readonly explain?: boolean | undefined;
}

/**
 * Files and links of a folder that belong to its sources, relative, sorted: in a git work tree what is tracked, untracked and not
 * ignored, or asked for; elsewhere everything, also what is neither (a pipe).
 */
export async function sourceFiles(dir: string, options: SourceFilesOptions): Promise<string[]> {
  const {signal, onEvent, installed = false, explain = false} = options;
  const told = new Set<string>();
  const tell = (path: string, because: string) => {
    if (!told.has(path) && !path.endsWith('.git')) onEvent?.({type: 'source:excluded', path, because});
    told.add(path);
  };
  const keep = (path: string, folder: boolean): boolean => {
    const because = whyExcluded(path);
    if (because !== undefined) tell(path, because);
    else if (installed || !(folder && isInstalled(dir, path))) return true;
    else if (explain) tell(path, 'dependencies are installed anew');
    return false;
  };
  const listed = await listOfGit(dir, signal);
  if (listed === undefined) return walk(dir, keep).sort();

  const keepPath = keepWithParents(keep);
  const kept = listed.filter(keepPath);
  for (const path of kept) refuseUnsafeName(path, dir);
  // Says where to install from, often ignored because of its token; it is needed here and never packed then.
  if (!kept.includes('.npmrc') && existsSync(join(dir, '.npmrc'))) kept.push('.npmrc');
  if (installed) kept.push(...installedFiles(dir, kept));
  if (options.include !== undefined) kept.push(...includedFiles(dir, options.include));
  if (explain) await tellIgnored(dir, {kept, keepPath, tell, signal});
  return [...new Set(kept)].sort();
}

interface Telling extends StepOptions {
  readonly kept: readonly string[];
  readonly keepPath: (path: string) => boolean;
  readonly tell: (path: string, because: string) => void;
}

async function tellIgnored(dir: string, {kept, keepPath, tell, signal}: Telling): Promise<void> {
  const folders = new Set(kept.flatMap((path) => [path, ...parentsOf(path)]));
  for (const ignored of (await listIgnored(dir, {signal})) ?? []) {
    const folder = ignored.endsWith('/');
    const path = folder ? ignored.slice(0, -1) : ignored;
    // What is out for a reason of its own is told with that; of a folder of which something is in, the rest is not listed.
    if (!folders.has(path) && keepPath(folder ? `${path}/.` : path)) tell(path, 'git ignores it');
  }
}

function keepWithParents(keep: (path: string, folder: boolean) => boolean): (path: string) => boolean {
  const folders = new Map<string, boolean>([['', true]]);
  const keepFolder = (path: string): boolean => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const kept = keepFolder(parentOf(path)) && keep(path, true);
    folders.set(path, kept);
    return kept;
  };
  return (path) => keepFolder(parentOf(path)) && keep(path, false);
}

/** What was asked for, ignored or not; what never goes into an archive stays out without a word. */
function includedFiles(dir: string, included: (path: string) => boolean): string[] {
  return walk(
    dir,
    (path, folder) => whyExcluded(path) === undefined && (folder ? !isInstalled(dir, path) : included(path)),
  );
}

/** What lies in the `node_modules` beside each package.json of the sources. */
function installedFiles(dir: string, sources: readonly string[]): string[] {
  const folders = sources
    .filter((path) => path === 'package.json' || path.endsWith('/package.json'))
    .map((path) => path.slice(0, -'package.json'.length) + 'node_modules')
    .filter((folder) => existsSync(join(dir, folder)));
  return folders.flatMap((folder) =>
    walk(join(dir, folder), (path) => whyExcluded(`${folder}/${path}`) === undefined).map(
      (path) => `${folder}/${path}`,
    ),
  );
}

async function listOfGit(dir: string, signal: AbortSignal | undefined): Promise<string[] | undefined> {
  try {
    return await listWorkTreeFiles(dir, {signal});
  } catch (error) {
    if (isFault(error) && error.code === 'GIT_MISSING') return undefined;
    throw error;
  }
}

/** `node_modules` beside a package.json is what an installation makes; elsewhere it is a folder like any other. */
function isInstalled(dir: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return name === 'node_modules' && existsSync(join(dir, parentOf(path), 'package.json'));
}

function walk(dir: string, keep: (path: string, folder: boolean) => boolean): string[] {
  const files: string[] = [];
  const todo = [''];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop())
    for (const entry of readdirSync(join(dir, folder), {withFileTypes: true})) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!keep(path, entry.isDirectory())) continue;
      refuseUnsafeName(path, dir);
      if (entry.isDirectory()) todo.push(path);
      else files.push(path);
    }
  return files;
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let folder = parentOf(path); folder !== ''; folder = parentOf(folder)) parents.push(folder);
  return parents;
}
