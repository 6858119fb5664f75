import {setTimeout as delay} from 'node:timers/promises';
import {hasMembers, signalGroup} from './group-members.ts';
import {guardGroup, releaseGroup} from './orphan-guard.ts';

const ENDING: ReadonlySet<string> = new Set(['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGKILL']);
const AFTER_KILL_MS = 5000;

/** A process group from its start until nobody of it runs any more. */
export class ProcessGroup {
  readonly id: number;
  /** Resolves when the leader has ended and nobody of the group runs. */
  readonly gone: Promise<void>;
  #over = false;
  /** Ending signals that were sent: the rest of the group is not told twice, for many programs take a second TERM for "at once". */
  readonly #told = new Set<string>();
  #deadline = Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** `leaderEnded` resolves when the leader is reaped. */
  constructor(id: number, leaderEnded: Promise<unknown>) {
    this.id = id;
    guardGroup(id);
    this.gone = leaderEnded.then(() => this.#emptied());
  }

  get told(): boolean {
    return this.#told.size > 0;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#over) return;
    if (ENDING.has(signal)) this.#told.add(signal);
    signalGroup(this.id, signal);
    // A stopped process would notice TERM only when continued; systemd.kill(5) does the same (SendSIGHUP aside).
    if (ENDING.has(signal) && signal !== 'SIGKILL') signalGroup(this.id, 'SIGCONT');
  }

  /** Asks the group to end, and kills it after the grace. */
  end(signal: NodeJS.Signals, graceMs: number): void {
    if (!this.#told.has(signal)) this.signal(signal);
    this.killAfter(graceMs);
  }

  /** Kills what is left by then. Saying it again can only shorten the grace. */
  killAfter(graceMs: number): void {
    const deadline = performance.now() + graceMs;
    if (this.#over || deadline >= this.#deadline) return;
    this.#deadline = deadline;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
  }

  async #emptied(): Promise<void> {
    const known = new Set<number>();
    let killedAt: number | undefined;
    for (let pause = 2; hasMembers(this.id, known); pause = Math.min(pause * 2, 100)) {
      if (this.#told.has('SIGKILL')) killedAt ??= performance.now();
      // Uninterruptible sleep (a dead NFS server): not even SIGKILL helps, and waiting would not either.
      if (killedAt !== undefined && performance.now() - killedAt > AFTER_KILL_MS) break;
      await delay(pause);
    }
    this.#over = true;
    clearTimeout(this.#timer);
    releaseGroup(this.id);
  }
}
