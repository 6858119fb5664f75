import type {Accept} from './accept.ts';
import type {AppFolder} from './app-folder.ts';
import type {BranchRoute} from './branch-routes.ts';
import type {ReceiverLimits} from './limits.ts';
import type {ReceiverEvent} from './receiver.ts';
import type {Turns} from './turns.ts';

/** What all pushes of a receiver have in common. */
export interface Desk {
  readonly accept: Accept;
  /** Whether sources that are not built are for `accept`, too. */
  readonly packages: boolean;
  readonly branches: readonly BranchRoute[];
  readonly folderOf: (app: string) => Promise<AppFolder>;
  /** Whether anything was pushed to an app: whoever only asks for one makes no folder. */
  readonly isThere: (app: string) => boolean;
  readonly turns: Turns;
  readonly limitsOf: (app: string) => ReceiverLimits;
  readonly running: Set<RunningPush>;
  readonly onEvent: (event: ReceiverEvent) => void;
}

/** A push between its first byte and its answer. */
export interface RunningPush {
  /** Resolves when the pusher has been given all that there was to say. */
  readonly done: Promise<void>;
  /** Tells the push to give up. */
  abort(reason: unknown): void;
  /** Ends it, whatever it does. */
  stop(): Promise<unknown>;
}

/** Puts a push on the list of those that run, until it is done. */
export function enlist(running: Set<RunningPush>, push: RunningPush): void {
  running.add(push);
  void push.done.then(() => running.delete(push));
}
