import type {Archive} from '@keelson/archive';
import {parseSource, type SourceEvent} from '@keelson/source';
import type {StepOptions} from '@keelson/step';
import {buildArchive} from './build-archive.ts';
import type {BuildEvent} from './build-event.ts';
import type {BranchArchive} from './build-onto.ts';
import type {BuildOptions} from './build-options.ts';
import {openForBuild} from './open-for-build.ts';
import type {DeployCommit} from './deploy-repository/build-into-repository.ts';
import type {BuildPlan} from './plan-build.ts';

export interface RunBuildOptions extends StepOptions<BuildEvent | SourceEvent> {
  readonly build: BuildOptions;
  /** Branch of the source's repository. */
  readonly onto: string | undefined;
  /** Folder of a deploy repository. */
  readonly deployRepository?: string | undefined;
  readonly dryRun: boolean;
}

export interface RunBuild {
  readonly value: Archive | BranchArchive | DeployCommit | BuildPlan;
  /** The same for a person. */
  readonly text: string;
}

/** What `keelson-build` does with a source. */
export async function runBuild(text: string, options: RunBuildOptions): Promise<RunBuild> {
  const {signal, onEvent, onto, deployRepository, dryRun} = options;
  const build = {...options.build, signal, onEvent};
  const source = parseSource(text);
  if (dryRun) {
    const [{planBuild}, {planLines}] = await Promise.all([
      import('./plan-build.ts'),
      import('./plan-text.ts'),
    ]);
    const plan = await planBuild(source, build);
    return {value: plan, text: planLines(plan).join('\n')};
  }
  await using checkout = await openForBuild(source, {signal, onEvent, build});
  if (deployRepository !== undefined) {
    const {buildIntoRepository} = await import('./deploy-repository/build-into-repository.ts');
    const commit = await buildIntoRepository(checkout, deployRepository, build);
    return {value: commit, text: deployText(commit)};
  }
  if (onto === undefined) {
    const archive = await buildArchive(checkout, build);
    return {value: archive, text: `${archive.path}\n${archive.digest}`};
  }
  const {buildOnto} = await import('./build-onto.ts');
  const commit = await buildOnto(checkout, onto, build);
  return {value: commit, text: `${commit.branch} ${commit.revision}\n${commit.digest}`};
}

function deployText({repository, branch, revision, digest, changed}: DeployCommit): string {
  const next = `for review: git -C ${repository} push origin HEAD:refs/for/${branch}`;
  return `${branch} ${revision}\n${digest}\n${changed ? next : 'nothing has changed'}`;
}
