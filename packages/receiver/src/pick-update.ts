import {readBranch} from '@keelson/git';
import type {HookCall} from './hook-gate.ts';

const BRANCH = 'main';
const REF = `refs/heads/${BRANCH}`;

/** The one update that is deployed, or why this push has none. */
export async function pickUpdate(
  {updates}: HookCall,
  gitDir: string,
): Promise<{readonly revision: string; readonly branch: string} | {readonly because: string}> {
  const other = updates.find((update) => update.ref !== REF);
  if (other !== undefined)
    return {because: `Only ${BRANCH} is deployed here, not ${other.ref}. Push: git push URL HEAD:${BRANCH}`};
  const [update] = updates;
  if (update === undefined) return {because: 'This push holds no branch.'};
  if (/^0+$/.test(update.new)) return {because: `${BRANCH} cannot be deleted: it is what runs.`};
  // git itself would find out only after the deployment.
  const head = await readBranch(gitDir, BRANCH);
  if ((head?.revision ?? '') !== update.old.replace(/^0+$/, ''))
    return {because: `${BRANCH} was moved by another push in the meantime. Fetch, and push again.`};
  return {revision: update.new, branch: BRANCH};
}
