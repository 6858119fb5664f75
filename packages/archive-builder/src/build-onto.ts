import {basename, join} from 'node:path';
import {extractArchive, type Archive} from '@keelson/archive';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {commitTree, describeWorkTree, readBranch, readTree, repositoryOf} from '@keelson/git';
import type {Checkout} from '@keelson/source';
import {buildArchive} from './build-archive.ts';
import type {BuildOptions} from './build-options.ts';
import {BuildFault} from './fault.ts';
import {isBranchName} from './is-branch-name.ts';

/** An archive as one commit on a deploy-only branch. */
export interface BranchArchive extends Pick<Archive, 'digest' | 'manifest'> {
  readonly kind: 'branch-archive';
  readonly branch: string;
  readonly revision: string;
  /** False when the branch holds this archive already. */
  readonly changed: boolean;
}

/**
 * Builds the app, and commits the archive's tree onto a branch of the repository that the source is a folder of: parents are the branch's
 * last commit and the source's. The work tree, the index and HEAD stay as they are, and no attribute or filter touches a byte.
 * Faults: BUILD_NO_REPOSITORY, BUILD_NOT_A_DEPLOY_BRANCH; those of buildArchive and commitTree.
 */
export async function buildOnto(
  checkout: Checkout,
  branch: string,
  options: BuildOptions = {},
): Promise<BranchArchive> {
  const {signal} = options;
  const repository = await requireRepository(checkout, branch, options);
  await using folder = await temporaryDirectory({prefix: 'keelson-onto-'});
  const archive = await buildArchive(checkout, {
    ...options,
    out: options.out ?? join(folder.path, 'archive.tar'),
  });
  const tree = join(folder.path, 'tree');
  await extractArchive(archive, tree, {signal});
  const {name, version} = archive.manifest;
  const target = {gitDir: repository, branch, message: `${name} ${version}\n\n${archive.digest}\n`};
  const {revision, changed} = await commitTree(tree, {...target, madeFrom: checkout.revision}, {signal});
  return {
    kind: 'branch-archive',
    branch,
    revision,
    changed,
    digest: archive.digest,
    manifest: archive.manifest,
  };
}

/** Said before anything takes time, and before a branch of sources is overwritten. */
async function requireRepository({from}: Checkout, branch: string, {signal}: BuildOptions): Promise<string> {
  if (!isBranchName(branch))
    throw new BuildFault('BUILD_NOT_A_DEPLOY_BRANCH', `${JSON.stringify(branch)} is no name of a branch`);
  const dir = from.kind === 'directory' ? from.path : undefined;
  const gitDir = dir === undefined ? undefined : await repositoryOf(dir, {signal});
  if (dir === undefined || gitDir === undefined)
    throw new BuildFault(
      'BUILD_NO_REPOSITORY',
      'the source is no folder of a git repository, so it has no branch to commit onto',
      {
        hint: 'Build it into a file, and publish that: keelson publish FILE URL#BRANCH',
      },
    );
  const checkedOut = (await describeWorkTree(dir, {signal}))?.branch === branch;
  const head = checkedOut ? undefined : await readBranch(gitDir, branch, {signal});
  const holdsArchive = async (revision: string) =>
    (await readTree({gitDir, revision}, {signal})).some(({path}) => path === 'keelson.json');
  if (checkedOut || (head !== undefined && !(await holdsArchive(head.revision))))
    throw new BuildFault(
      'BUILD_NOT_A_DEPLOY_BRANCH',
      `the branch ${branch} of ${basename(dir)} holds sources`,
      {
        hint: 'Name a branch that is for archives alone; it is made when there is none: --onto deploy',
      },
    );
  return gitDir;
}
