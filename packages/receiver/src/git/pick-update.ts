import {isAncestor, readRevision} from '@keelson/git';
import {branchesOf, type BranchRoute, type Target} from '../branch-routes.ts';
import type {HookCall} from './hook-talk.ts';

export interface Update {
  readonly revision: string;
  readonly branch: string;
  /** Where it stands before; empty: it is not there. */
  readonly head: string;
  readonly targets: readonly Target[];
}

interface Repository {
  readonly name: string;
  readonly gitDir: string;
  /** The environment that shows git the push. */
  readonly objects: Readonly<Record<string, string>>;
  readonly routes: readonly BranchRoute[];
}

const HEADS = 'refs/heads/';

/** The one update that is deployed, or why this push has none. */
export async function pickUpdate(
  {updates}: HookCall,
  {name, gitDir, objects, routes}: Repository,
): Promise<Update | {readonly because: string}> {
  const branches = branchesOf(name, routes);
  const names = [...branches.keys()];
  const other = updates.find(({ref}) => !ref.startsWith(HEADS) || !branches.has(ref.slice(HEADS.length)));
  if (other !== undefined)
    return {
      because: `Only ${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} deployed here, not ${other.ref}. Push: git push URL HEAD:${names[0]}`,
    };
  const [update, second] = updates;
  if (update === undefined) return {because: 'This push holds no branch.'};
  if (second !== undefined) return {because: 'One branch at a time: each is a deployment of its own.'};
  const branch = update.ref.slice(HEADS.length);
  if (/^0+$/.test(update.new)) return {because: `${branch} cannot be deleted: it is what runs.`};
  const head = (await readRevision(gitDir, branch)) ?? '';
  const before = update.old.replace(/^0+$/, '');
  // What was pushed while another push was deployed is good when it goes on from there.
  if (head !== before && (head === '' || !(await isAncestor({gitDir, revision: update.new, objects}, head))))
    return {because: `${branch} was moved by another push in the meantime. Fetch, and push again.`};
  return {revision: update.new, branch, head, targets: branches.get(branch)!};
}
