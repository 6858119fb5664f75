import {join} from 'node:path';
import {temporaryDirectory} from '@keelson/atomic-fs';
import {isBuilt, openArchive} from '@keelson/archive';
import {checkoutTree} from '@keelson/git';
import {isFault} from '@keelson/step';
import type {Accept, Reply, Verdict} from './accept.ts';
import type {AppRepository} from './app-repository.ts';
import type {HookCall} from './hook-gate.ts';
import type {ReceiverLimits} from './limits.ts';
import {pickUpdate} from './pick-update.ts';
import type {ReceiverEvent} from './receiver.ts';

export interface PushToJudge {
  readonly app: string;
  readonly repository: AppRepository;
  readonly call: HookCall;
  readonly limits: ReceiverLimits;
}

interface TellingReply extends Reply {
  readonly onEvent: (event: ReceiverEvent) => void;
}

/** From quarantine to verdict. Never rejects: whatever goes wrong refuses the push with its reason. */
export async function judgePush(push: PushToJudge, accept: Accept, reply: TellingReply): Promise<Verdict> {
  const {app, call} = push;
  const {onEvent} = reply;
  const update = await pickUpdate(call, push.repository.gitDir).catch((error: unknown) => ({
    because: explain(error),
  }));
  const revision = 'revision' in update ? update.revision : (call.updates[0]?.new ?? '');
  const verdict =
    'revision' in update ? await judgeTree(push, {accept, ...update}, reply) : refused(update.because);
  if (!verdict.accepted) onEvent({type: 'receiver:refused', app, revision, because: verdict.because});
  return verdict;
}

async function judgeTree(
  {app, repository, call, limits}: PushToJudge,
  {accept, revision, branch}: {readonly accept: Accept; readonly revision: string; readonly branch: string},
  reply: TellingReply,
): Promise<Verdict> {
  const {signal} = reply;
  try {
    await using folder = await temporaryDirectory({prefix: 'push-', parent: repository.incoming});
    const tree = join(folder.path, 'tree');
    const objects = quarantineOf(call, repository.gitDir);
    await checkoutTree({gitDir: repository.gitDir, revision, objects}, tree, {
      signal,
      limits: {files: limits.files, bytes: limits.treeBytes},
    });
    if (!(await isBuilt(tree))) return refused(NOT_BUILT);
    const archive = await openArchive(tree, {signal});
    reply.onEvent({type: 'receiver:received', app, revision, digest: archive.digest});
    const verdict = await accept({kind: 'received', app, archive, revision, branch, protocol: 'git'}, reply);
    if (verdict.accepted) reply.onEvent({type: 'receiver:accepted', app, revision, digest: archive.digest});
    return verdict;
  } catch (error) {
    return refused(signal.aborted ? 'The push was given up.' : explain(error));
  }
}

function refused(because: string): Verdict & {readonly accepted: false} {
  return {accepted: false, because};
}

const NOT_BUILT = `This commit is no built archive: it has no keelson.json.
Build it and publish what was built:
    keelson build . --out app.tgz && keelson publish app.tgz URL-OF-THIS-REPOSITORY`;

/** The environment that shows git a push before it is accepted (git-receive-pack(1), "QUARANTINE ENVIRONMENT"). */
function quarantineOf({quarantine}: HookCall, gitDir: string): Record<string, string> {
  if (quarantine === undefined) return {};
  return {
    GIT_OBJECT_DIRECTORY: quarantine,
    // Quoted as git(1) says, for folders with a colon in their name.
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${join(gitDir, 'objects').replaceAll(/["\\]/g, '\\$&')}"`,
    GIT_QUARANTINE_PATH: quarantine,
  };
}

function explain(error: unknown): string {
  if (isFault(error)) return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
  return `The receiver failed: ${error instanceof Error ? error.message : String(error)}`;
}
