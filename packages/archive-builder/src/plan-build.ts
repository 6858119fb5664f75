import {dirname, join} from 'node:path';
import {readEntries, type PackageManagerFacts} from '@keelson/archive';
import type {Source} from '@keelson/source';
import type {BuildOptions} from './build-options.ts';
import {faultInSource} from './fault-in-source.ts';
import {openApp} from './open-app.ts';
import {openForBuild} from './open-for-build.ts';
import {packApp} from './pack-app.ts';
import {assembleWorkspace, type AssembledWorkspace} from './workspace/assemble-workspace.ts';
import {workspaceGraph} from './workspace/workspace-graph.ts';

/** What a build of the sources as they are would put into an archive. */
export interface BuildPlan {
  readonly kind: 'build-plan';
  readonly name: string;
  readonly version: string;
  /** Where the archive would go. */
  readonly path: string;
  readonly packageManager: PackageManagerFacts;
  /** What would be added first, and is not among the files: production dependencies, the output of these scripts. */
  readonly missing: {
    readonly dependencies: boolean;
    readonly scripts: readonly string[];
    /** A build takes out what is not reached; without the rest nobody can tell what that is. */
    readonly tracing: boolean;
  };
  /** Sorted by path; a link has no bytes. */
  readonly files: readonly {readonly path: string; readonly bytes: number}[];
  readonly bytes: number;
  /** Files, and folders as a whole. Sorted. */
  readonly excluded: readonly {readonly path: string; readonly because: string}[];
}

/**
 * Says what would go into the archive and why the rest stays out, by packing a private copy of the sources and throwing that away: nothing
 * is installed, no script runs. Of a workspace those that it needs are listed where they would be, below `node_modules`. What would stop the build stops the plan. Faults: those of buildArchive and openSource.
 */
export async function planBuild(source: Source, options: BuildOptions = {}): Promise<BuildPlan> {
  const {signal, install = true} = options;
  const excluded: {path: string; because: string}[] = [];
  const onEvent = (event: {readonly type: string}) => {
    if (event.type.endsWith(':excluded')) excluded.push(event as unknown as (typeof excluded)[number]);
  };
  await using checkout = await openForBuild(source, {signal, onEvent, build: options, explain: true});
  try {
    const app = await openApp(checkout, {...options, onEvent});
    const fromSource = excluded.splice(0);
    await using workspace =
      app.folder === ''
        ? undefined
        : await assembleWorkspace(app, {...options, onEvent}, workspaceGraph(app.root, app.folder));
    const places = workspace?.placed ?? [{folder: '', at: ''}];
    const ofSource = fromSource.flatMap(({path, because}) =>
      placesOf(path, places).map((place) => ({path: place, because})),
    );
    const scratch = join(dirname(checkout.dir), 'plan.tar');
    const {trace = false} = options.contents ?? {};
    const dependencies = install && app.manager.lockfile !== undefined;
    // What is reached shows when all is there; and so does what the target would load.
    const tracing = trace && (dependencies || app.scripts.length > 0);
    const archive = await packApp(
      {...app, target: undefined},
      {checkout, dir: workspace?.path ?? app.dir, to: scratch},
      {...options, cache: undefined, onEvent, contents: {...options.contents, trace: trace && !tracing}},
    );
    const entries = await readEntries(archive, {signal});
    return {
      kind: 'build-plan',
      name: app.manifest.name,
      version: app.manifest.version,
      path: app.to,
      packageManager: app.packageManager,
      missing: {dependencies, scripts: app.scripts, tracing},
      files: entries.map((entry) => ({path: entry.path, bytes: entry.mode === 'link' ? 0 : entry.size})),
      bytes: archive.manifest.contents.bytes,
      excluded: [...ofSource, ...excluded.map(({path, because}) => ({path, because}))].sort((one, other) =>
        one.path < other.path ? -1 : 1,
      ),
    };
  } catch (error) {
    throw faultInSource(error, checkout);
  }
}

/** Where a path of the sources would be in the archive: nowhere, or wherever its workspace has come to. */
function placesOf(path: string, placed: AssembledWorkspace['placed']): string[] {
  const owners = placed.filter(({folder}) => folder === '' || path.startsWith(`${folder}/`));
  const longest = Math.max(...owners.map(({folder}) => folder.length));
  return owners
    .filter(({folder}) => folder.length === longest)
    .map(({folder, at}) => {
      const inside = folder === '' ? path : path.slice(folder.length + 1);
      return at === '' ? inside : `${at}/${inside}`;
    });
}
