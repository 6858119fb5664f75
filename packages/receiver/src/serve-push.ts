import {servePack} from '@keelson/git';
import type {Accept, Verdict} from './accept.ts';
import {flushed, type Http} from './answer.ts';
import type {AppRepository} from './app-repository.ts';
import {exchange} from './exchange.ts';
import type {HookGate} from './hook-gate.ts';
import {judgePush} from './judge-push.ts';
import type {ReceiverLimits} from './limits.ts';
import type {ReceiverEvent} from './receiver.ts';
import type {Turns} from './turns.ts';

/** What all pushes of a receiver have in common. */
export interface PushDesk {
  readonly accept: Accept;
  readonly gate: HookGate;
  readonly turns: Turns;
  readonly limits: ReceiverLimits;
  readonly running: Set<RunningPush>;
  readonly onEvent: (event: ReceiverEvent) => void;
}

export interface RunningPush {
  /** Resolves when git has ended and the pusher has been given all that it said. */
  readonly done: Promise<void>;
  /** Tells the push to give up. */
  abort(reason: unknown): void;
  /** Ends git, whatever the push does. */
  stop(): Promise<unknown>;
}

/** One `git push`, from its first byte until the branch has moved or not. */
export async function servePush(
  http: Http,
  {app, repository}: {readonly app: string; readonly repository: AppRepository},
  desk: PushDesk,
): Promise<void> {
  const {gitDir} = repository;
  const given = new AbortController();
  const {signal} = given;
  let judged: Promise<Verdict> | undefined;
  let leave = () => {};
  const expected = desk.gate.expect((call, out) => {
    // The pack is complete: from here on silence is work, and a client that goes away is told to `accept`, not to git.
    http.request.setTimeout(0);
    judged = (async () => {
      try {
        leave = await desk.turns.take(app, {
          signal,
          onWait: () => out.line('Another push of this app is being deployed; waiting for it.'),
        });
      } catch {
        return {accepted: false, because: 'The push was given up.'};
      }
      const reply = {line: (text: string) => out.line(text), signal, onEvent: desk.onEvent};
      return judgePush({app, repository, call, limits: desk.limits}, desk.accept, reply);
    })();
    return judged;
  });
  const config = receiveConfig(gitDir, desk.limits);
  try {
    const git = await servePack({
      gitDir,
      service: 'receive-pack',
      advertise: false,
      config,
      env: expected.env,
    });
    http.response.once('close', () => {
      if (!http.response.writableFinished)
        given.abort(new DOMException('the pusher went away', 'AbortError'));
    });
    const ended = exchange(http, git, {service: 'receive-pack', bodyBytes: desk.limits.bodyBytes});
    const running: RunningPush = {
      done: ended.then(() => flushed(http.response)).catch(() => {}),
      abort: (reason) => {
        given.abort(reason);
        if (judged === undefined) void git.stop();
      },
      stop: () => git.stop({signal: 'SIGKILL'}),
    };
    desk.running.add(running);
    void running.done.then(() => desk.running.delete(running));
    await ended;
  } finally {
    expected.forget();
    await judged;
    leave();
  }
}

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
