import type {Readable} from 'node:stream';
import {collectGarbage, servePack} from '@keelson/git';
import type {Child} from '@keelson/spawn';
import {enlist, type Desk} from '../desk.ts';
import {inTurn} from '../judge.ts';
import type {ReceiverLimits} from '../limits.ts';
import {removeQuarantines, type AppRepository} from './app-repository.ts';
import {talkWithHooks, type HookCall, type HookLine} from './hook-talk.ts';
import {isShallow} from './is-shallow.ts';
import {judgePush, type PushVerdict} from './judge-push.ts';

/** How the bytes of a push come, and those of its answer go. */
export interface PushWire {
  /** What the pusher sends after it has been told the refs. */
  readonly body: Readable;
  /** Gives the body to git, and git's answer to the pusher; resolves when git has ended. */
  exchange(git: Child, body: AsyncIterable<Uint8Array>): Promise<void>;
  /** The pack is complete: from here on silence is work. */
  complete(): void;
  /** Calls back when the pusher goes away before it has its answer. */
  onGone(listener: () => void): void;
  /** Resolves when the pusher has been given all of the answer, or is gone. */
  flushed(): Promise<void>;
}

export interface GitPush {
  /** Name in the URL. */
  readonly name: string;
  readonly repository: AppRepository;
  readonly by: string | undefined;
}

/** One `git push`, from its first byte until the branch has moved or not. */
export async function servePush(push: GitPush, wire: PushWire, desk: Desk): Promise<void> {
  const {gitDir, pushes} = push.repository;
  pushes.add(wire);
  const given = new AbortController();
  const {signal} = given;
  let judged: Promise<PushVerdict> | undefined;
  let leave = () => {};
  const judgeCall = (call: HookCall, out: HookLine) => {
    // A client that goes away now is told to `accept`, not to git.
    wire.complete();
    const reply = {line: out.line, signal};
    const branch = `${push.name}.git ${call.updates[0]?.ref}`;
    const judging = inTurn(branch, {desk, reply}, () => judgePush({...push, call}, desk, reply));
    judged = judging.then((turn) => {
      leave = turn.leave; // until the branch has moved
      return turn.verdict;
    });
    return judged;
  };
  try {
    const {shallow, body} = await isShallow(wire.body);
    const git = await servePack({
      gitDir,
      service: 'receive-pack',
      advertise: false,
      connection: true,
      config: {...receiveConfig(gitDir, desk.limitsOf(push.name)), ...(shallow ? {} : MOVED_BY_HOOK)},
      env: {KEELSON_PUSH: 'yes'},
    });
    const talking = talkWithHooks(git.connection!, gitDir, judgeCall).catch(() => {}); // git was ended
    wire.onGone(() => given.abort(new DOMException('the pusher went away', 'AbortError')));
    const ended = wire.exchange(git, body);
    enlist(desk.running, {
      done: ended.then(() => wire.flushed()).catch(() => {}),
      abort: (reason) => {
        given.abort(reason);
        if (judged === undefined) void git.stop();
      },
      stop: () => git.stop({signal: 'SIGKILL'}),
    });
    await ended;
    await talking;
  } finally {
    await judged;
    pushes.delete(wire);
    await tidyUp(push.repository).catch((error: unknown) =>
      desk.onEvent({type: 'receiver:failed', path: gitDir, because: String(error)}),
    );
    leave();
  }
}

async function tidyUp({gitDir, pushes}: AppRepository): Promise<void> {
  if (pushes.size === 0) await removeQuarantines(gitDir);
  await collectGarbage(gitDir);
}

// The branch is moved by hooks/proc-receive; git 2.39 ends without a word when the push of a shallow clone meets one.
const MOVED_BY_HOOK = {'receive.procReceiveRefs': 'refs/heads'};

// What a push may contain is judged by the checkout, which refuses submodules: a .gitmodules or .gitattributes of some dependency,
// however odd, is a file like any other (msg-ids of git-fsck(1)).
const HARMLESS = [
  'gitmodulesBlob',
  'gitmodulesLarge',
  'gitmodulesMissing',
  'gitmodulesName',
  'gitmodulesParse',
  'gitmodulesPath',
  'gitmodulesSymlink',
  'gitmodulesUpdate',
  'gitmodulesUrl',
];

function receiveConfig(gitDir: string, limits: ReceiverLimits): Record<string, string> {
  return {
    // Refs of the repository that the quarantine is one of: git asks for them in a process of its own, and knows them.
    'core.alternateRefsCommand': 'true',
    'core.bigFileThreshold': '16m', // what is larger is streamed and not held in memory
    'core.hooksPath': `${gitDir}/hooks`,
    'core.logAllRefUpdates': 'false',
    'gc.auto': '0',
    'receive.autogc': 'false',
    'receive.fsckObjects': 'true',
    ...Object.fromEntries(HARMLESS.map((id) => [`receive.fsck.${id}`, 'ignore'])),
    'receive.maxInputSize': String(limits.bodyBytes),
    'receive.unpackLimit': '1', // one pack, not a file per object
    'receive.shallowUpdate': 'true', // a CI job has a clone without history
    'receive.denyDeletes': 'true',
    'receive.denyNonFastForwards': 'false', // a deploy branch may be written anew
  };
}
