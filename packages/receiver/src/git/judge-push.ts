import {join} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {checkoutTree} from '@keelson/git';
import type {Reply, Verdict} from '../accept.ts';
import type {Target} from '../branch-routes.ts';
import type {Desk} from '../desk.ts';
import {explain, givenUp, judge} from '../judge.ts';
import type {AppRepository} from './app-repository.ts';
import type {HookCall} from './hook-talk.ts';
import {pickUpdate, type Update} from './pick-update.ts';

export interface PushToJudge {
  /** Name in the URL. */
  readonly name: string;
  readonly repository: AppRepository;
  readonly call: HookCall;
  readonly by: string | undefined;
}

/** From quarantine to verdict. Never rejects: whatever goes wrong refuses the push with its reason. */
export async function judgePush(push: PushToJudge, desk: Desk, reply: Reply): Promise<PushVerdict> {
  const {name, call, repository} = push;
  const objects = quarantineOf(call, repository.gitDir);
  const update = await pickUpdate(call, {
    name,
    gitDir: repository.gitDir,
    objects,
    routes: desk.branches,
  }).catch((error: unknown) => ({because: explain(error)}));
  if (!('because' in update)) {
    const verdict = await judgeTree({...push, objects}, update, {desk, reply});
    return {...verdict, head: update.head};
  }
  const revision = call.updates[0]?.new ?? '';
  desk.onEvent({type: 'receiver:refused', app: name, revision, because: update.because});
  return {accepted: false, because: update.because};
}

export type PushVerdict = Verdict & {
  /** Where the branch stands before this push; empty: it is not there. */
  readonly head?: string | undefined;
};

async function judgeTree(
  {repository, objects, by}: PushToJudge & {readonly objects: Readonly<Record<string, string>>},
  {revision, branch, targets}: Update,
  {desk, reply}: {readonly desk: Desk; readonly reply: Reply},
): Promise<Verdict> {
  const done: string[] = [];
  for (const target of targets) {
    const verdict = await judgeFor(target, {repository, revision, branch, objects, by}, {desk, reply});
    if (!verdict.accepted)
      return done.length === 0 ? verdict : {...verdict, because: halfDone(done, target, verdict.because)};
    done.push(target.app);
  }
  return {accepted: true};
}

interface Commit {
  readonly repository: AppRepository;
  readonly revision: string;
  readonly branch: string;
  readonly objects: Readonly<Record<string, string>>;
  readonly by: string | undefined;
}

/** Checked out anew for every app: `accept` may have moved the folder. */
async function judgeFor(
  {app, workspace}: Target,
  {repository, revision, branch, objects, by}: Commit,
  {desk, reply}: {readonly desk: Desk; readonly reply: Reply},
): Promise<Verdict> {
  const {files, treeBytes} = desk.limitsOf(app);
  try {
    const {incoming} = await desk.folderOf(app);
    await using folder = await temporaryDirectory({prefix: 'push-', parent: incoming});
    const path = join(folder.path, 'tree');
    await checkoutTree({gitDir: repository.gitDir, revision, objects}, path, {
      signal: reply.signal,
      limits: {files, bytes: treeBytes},
    });
    return await judge({app, workspace, path, revision, branch, protocol: 'git', by}, desk, reply);
  } catch (error) {
    const because = reply.signal.aborted ? givenUp(reply.signal) : explain(error);
    desk.onEvent({type: 'receiver:refused', app, revision, because});
    return {accepted: false, because};
  }
}

function halfDone(done: readonly string[], {app}: Target, because: string): string {
  return `${app}: ${because}\nAlready deployed by this push: ${done.join(', ')}. The branch stays; push again when ${app} is mended.`;
}

/** The environment that shows git a push before it is accepted (git-receive-pack(1), "QUARANTINE ENVIRONMENT"). */
function quarantineOf({quarantine}: HookCall, gitDir: string): Record<string, string> {
  if (quarantine === undefined) return {};
  const path = join(gitDir, 'objects', quarantine);
  return {
    GIT_OBJECT_DIRECTORY: path,
    // Quoted as git(1) says, for folders with a colon in their name.
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${join(gitDir, 'objects').replaceAll(/["\\]/g, '\\$&')}"`,
    GIT_QUARANTINE_PATH: path,
  };
}
