import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {extractArchive, type Archive} from '@keelson/archive';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {commitTree} from '@keelson/git';
import type {Checkout} from '@keelson/source';
import {buildArchive} from '../build-archive.ts';
import type {BuildOptions} from '../build-options.ts';
import {openRepository, type DeployRepository} from './open-repository.ts';
import {runGit, type GitCall} from './run-git.ts';

/** The source and its dependencies as one commit of a deploy repository. */
export interface DeployCommit extends Pick<Archive, 'digest' | 'manifest'> {
  readonly kind: 'deploy-commit';
  /** Top folder of the work tree. */
  readonly repository: string;
  readonly branch: string;
  readonly revision: string;
  /** The submodule and the commit that it points to now. */
  readonly source: {readonly path: string; readonly revision: string};
  /** False when the branch holds the same already. */
  readonly changed: boolean;
}

/**
 * Builds the app, and commits onto the branch that is checked out in a deploy repository: its submodule at the source's commit, and
 * `node_modules` beside it, where Node finds them from the submodule. The message has a Change-Id, ready for `refs/for/BRANCH`.
 * Build scripts do not run: what they write is not part of a submodule. Faults: BUILD_DEPLOY_REPO, those of buildArchive and commitTree.
 */
export async function buildIntoRepository(
  checkout: Checkout,
  dir: string,
  options: BuildOptions = {},
): Promise<DeployCommit> {
  const {signal} = options;
  const repository = await openRepository(dir, checkout, signal);
  await using folder = await temporaryDirectory({prefix: 'keelson-deploy-'});
  const out = options.out ?? join(folder.path, 'archive.tar');
  const archive = await buildArchive(checkout, {...options, scripts: [], out});
  const tree = join(folder.path, 'tree');
  await extractArchive(archive, tree, {signal});
  const commit = await commitInto(repository, {
    modules: join(tree, 'node_modules'),
    source: checkout.revision!,
    index: join(folder.path, 'index'),
    subject: `Update ${archive.manifest.name} to ${checkout.revision!.slice(0, 12)}`,
    digest: archive.digest,
    signal,
  });
  if (commit.changed) await updateWorkTree(repository, checkout, {revision: commit.revision, signal});
  const {digest, manifest} = archive;
  const source = {path: repository.source, revision: checkout.revision!};
  const where = {repository: repository.dir, branch: repository.branch, source};
  return {kind: 'deploy-commit', ...where, ...commit, digest, manifest};
}

interface CommitFacts {
  readonly modules: string;
  readonly source: string;
  /** Of our own, so that the work tree's stays as it is until there is a commit. */
  readonly index: string;
  readonly subject: string;
  readonly digest: string;
  readonly signal: AbortSignal | undefined;
}

async function commitInto(
  {dir, branch, head, source: path}: DeployRepository,
  {modules, source, index, subject, digest, signal}: CommitFacts,
): Promise<{readonly revision: string; readonly changed: boolean}> {
  const call: GitCall = {cwd: dir, env: {GIT_INDEX_FILE: index}, signal};
  const git = (...args: string[]) => runGit(args, call);
  await git('read-tree', 'HEAD');
  await git('rm', '--cached', '-r', '-q', '--ignore-unmatch', '--', 'node_modules');
  if (existsSync(modules)) await git('read-tree', '--prefix=node_modules/', await writeTree(modules, call));
  await git('update-index', '--cacheinfo', `160000,${source},${path}`);
  const tree = await git('write-tree');
  if (tree === (await git('rev-parse', 'HEAD^{tree}'))) return {revision: head, changed: false};
  // As Gerrit's commit-msg hook makes it: the same change keeps its number, https://gerrit-review.googlesource.com/Documentation/user-changeid.html
  const id = createHash('sha1').update(`${tree}\n${head}\n${subject}\n`).digest('hex');
  const message = `${subject}\n\nDependencies: ${digest}\nChange-Id: I${id}\n`;
  const revision = await runGit(['commit-tree', tree, '-p', head, '-m', message], {
    ...call,
    env: await identity(call),
  });
  await git('update-ref', '-m', 'keelson build --deploy-repo', `refs/heads/${branch}`, revision, head);
  return {revision, changed: true};
}

/** Byte for byte: \`git add\` would change line ends as a dependency's own .gitattributes says. */
async function writeTree(modules: string, call: GitCall): Promise<string> {
  const gitDir = await runGit(['rev-parse', '--path-format=absolute', '--git-common-dir'], call);
  const branch = `keelson/dependencies-${process.pid}`;
  const target = {gitDir, branch, message: 'Dependencies', parent: 'none'} as const;
  const {tree} = await commitTree(modules, target, {signal: call.signal});
  await runGit(['update-ref', '-d', `refs/heads/${branch}`], call);
  return tree;
}

/** The user's, where git knows one. */
async function identity(call: GitCall): Promise<Record<string, string>> {
  const known = await runGit(['config', '--default', '', '--get', 'user.email'], call);
  if (known !== '') return {};
  const [name, email] = ['Keelson', 'keelson@localhost'];
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  };
}

/** Brings files, index and, where it is checked out, the submodule to the new commit. */
async function updateWorkTree(
  {dir, head, source}: DeployRepository,
  {from, revision}: Checkout,
  {revision: to, signal}: {readonly revision: string; readonly signal: AbortSignal | undefined},
): Promise<void> {
  await runGit(['read-tree', '-m', '-u', head, to], {cwd: dir, signal});
  const submodule = join(dir, source);
  if (!existsSync(join(submodule, '.git'))) return;
  const call = {cwd: submodule, signal};
  const place =
    'url' in from ? from.url : await runGit(['rev-parse', '--show-toplevel'], {cwd: from.path, signal});
  // From where it was built: nobody may have pushed that commit yet.
  await runGit(['-c', 'protocol.file.allow=always', 'fetch', '--quiet', place, revision!], call);
  await runGit(['checkout', '--quiet', '--detach', revision!], call);
}
