import {setTimeout as sleep} from 'node:timers/promises';
import type {Child} from '@keelson/spawn';
import {CRASH_LOOP, restartDelay, STEADY_MS} from './restart-delay.ts';
import {type Moment, isoTime, thisMoment} from './moment.ts';
import type {WorkerStatus} from './status.ts';
import {Worker} from './worker.ts';
import type {WorkerBudget, WorkerPlan} from './worker-plan.ts';

export type SlotEvent =
  | {readonly type: 'started' | 'ready'; readonly pid: number}
  | {readonly type: 'not-ready'; readonly because: string; readonly output: readonly string[]}
  | {
      readonly type: 'exited';
      readonly because: string;
      readonly output: readonly string[];
      /** It was killed at its deadline, or it cut connections off at that. */
      readonly forced: boolean;
      /** We asked it to end. */
      readonly planned: boolean;
    }
  | {readonly type: 'delayed'; readonly delayMs: number};

/** What a slot may ask of the generation that it belongs to. */
export interface SlotHost {
  attach(tag: string, child: Child): Promise<unknown>;
  tell(tag: string, event: SlotEvent): void;
  budget(): WorkerBudget;
  /** The app of a worker has sent this. */
  message(tag: string, message: unknown): void;
}

/** The outcome of a replacement: why the old worker stays, or when it will be gone. */
export type Renewal =
  | {readonly because: string}
  | {readonly because: undefined; readonly drained: Promise<void>};

/** The place of one worker: the process in it now, and while the slot is open its replacements. */
export class Slot {
  readonly plan: WorkerPlan;
  readonly #host: SlotHost;
  /** Aborted when the slot shall be empty: ends a wait for a restart, and a start that is under way. */
  readonly #leaving = new AbortController();
  #worker: Worker | undefined;
  #restarting: Promise<void> | undefined;
  #renewing: Promise<Renewal> | undefined;
  /** Workers that were replaced, while they finish what they have begun. */
  readonly #leavers = new Set<Worker>();
  #lastOutput: readonly string[] = [];
  #isOpen = false;
  /** It will be drained soon. */
  #notice: {readonly reply: 503 | undefined} | undefined;
  #waitingSince: Moment | undefined;
  #restarts = 0;
  #failures = 0;

  constructor(plan: WorkerPlan, host: SlotHost) {
    this.plan = plan;
    this.#host = host;
  }

  get worker(): Worker | undefined {
    return this.#worker;
  }

  /** What the latest worker printed that could not take the place of another. */
  get lastOutput(): readonly string[] {
    return this.#lastOutput;
  }

  async start(): Promise<void> {
    const worker = await this.#launch();
    this.#worker = worker;
    // Whoever asked us to leave did not see this worker yet.
    if (this.#leaving.signal.aborted) await worker.stop();
  }

  /** Puts a new worker in the place of the one that takes traffic, and drains that. Calls meanwhile share one replacement. */
  renew(): Promise<Renewal> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined;
      if (this.#isOpen && this.#worker?.ending !== undefined) this.#restart();
    });
    return this.#renewing;
  }

  /** @returns the pid of who got it */
  signal(name: NodeJS.Signals): number | undefined {
    const worker = this.#worker;
    if (worker === undefined || worker.ending !== undefined) return undefined;
    worker.signal(name);
    return worker.pid;
  }

  /** @returns undefined when the worker is ready, else why not */
  async ready(signal: AbortSignal | undefined): Promise<string | undefined> {
    const worker = this.#worker!;
    const because = await worker.ready(signal);
    if (because === undefined) this.#host.tell(this.plan.tag, {type: 'ready', pid: worker.pid});
    return because;
  }

  async open(): Promise<string | undefined> {
    const because = await this.#worker!.open();
    // From here on it is replaced when it ends, also if that was a moment ago.
    if (because === undefined && !this.#leaving.signal.aborted) {
      this.#isOpen = true;
      if (this.#worker!.ending !== undefined) this.#restart();
    }
    return because;
  }

  async drain(): Promise<void> {
    await this.#leave((worker) => worker.drain(this.#host.budget()));
  }

  async stop(): Promise<void> {
    await this.#leave((worker) => worker.stop());
  }

  /** Asks the worker that takes traffic for a sign of life. */
  ping(): void {
    if (this.#isOpen && this.#worker?.ending === undefined) this.#worker?.ping();
  }

  /** A message for the app of the worker. @returns whether it was sent */
  post(message: object): boolean {
    return this.#worker?.ending === undefined && this.#worker?.post(message) === true;
  }

  /** It will be drained soon. */
  leave(reply?: 503): void {
    this.#notice = {reply};
    this.#worker?.leave(reply);
  }

  status(): WorkerStatus {
    const waiting = this.#waitingSince !== undefined;
    const since = this.#waitingSince ?? this.#worker?.since ?? thisMoment();
    const running = waiting ? 'waiting' : (this.#worker?.state ?? 'starting');
    const isLooping = this.#isOpen && this.#failures >= CRASH_LOOP && running !== 'open';
    return {
      pid: waiting || this.#worker?.ending !== undefined ? undefined : this.#worker?.pid,
      state: isLooping ? 'crash-loop' : running,
      restarts: this.#restarts,
      failures: this.#failures,
      ...(!waiting && this.#worker?.heartbeatMs !== undefined && {heartbeatMs: this.#worker.heartbeatMs}),
      since: isoTime(since.date),
      forMs: Math.round(performance.now() - since.at),
    };
  }

  async #launch(): Promise<Worker> {
    const worker = await Worker.start(this.plan, (child) => this.#host.attach(this.plan.tag, child));
    worker.onMessage((message) => this.#host.message(this.plan.tag, message));
    this.#host.tell(this.plan.tag, {type: 'started', pid: worker.pid});
    void worker.exited.then(() => this.#onExit(worker));
    return worker;
  }

  async #renew(): Promise<Renewal> {
    // One that has crashed is being replaced anyway.
    await this.#restarting;
    const {signal} = this.#leaving;
    if (!this.#isOpen) return {because: 'is not open'};
    const old = this.#worker!;
    const fresh = await this.#launch();
    const because = await (async () => (await fresh.ready(signal)) ?? (await fresh.open()))().catch(
      (error: Error) => (signal.aborted ? 'was stopped' : error.message),
    );
    if (because !== undefined || signal.aborted) {
      this.#lastOutput = fresh.output;
      await fresh.stop();
      return {because: because ?? 'was stopped'};
    }
    this.#worker = fresh;
    this.#restarts++;
    this.#failures = 0;
    this.#host.tell(this.plan.tag, {type: 'ready', pid: fresh.pid});
    this.#leavers.add(old);
    const drained = old.drain(this.#host.budget()).finally(() => this.#leavers.delete(old));
    return {because: undefined, drained};
  }

  async #leave(end: (worker: Worker) => Promise<void>): Promise<void> {
    this.#isOpen = false;
    this.#leaving.abort();
    await Promise.all([...(this.#worker ? [this.#worker] : []), ...this.#leavers].map(end));
    await this.#restarting;
    await this.#renewing;
  }

  #onExit(worker: Worker): void {
    const {output, wasForced: forced, wasAsked: planned} = worker;
    this.#host.tell(this.plan.tag, {type: 'exited', because: worker.ending!, output, forced, planned});
    // While it is being replaced anyway, that is enough.
    if (this.#isOpen && worker === this.#worker && !this.#renewing) this.#restart();
  }

  #restart(): void {
    this.#restarting ??= this.#restartUntilReady().finally(() => {
      this.#restarting = undefined;
      // It may have ended between its readiness and here.
      if (this.#isOpen && this.#worker?.ending !== undefined) this.#restart();
    });
  }

  async #restartUntilReady(): Promise<void> {
    const signal = this.#leaving.signal;
    const ranMs = performance.now() - this.#worker!.startedAt;
    if (ranMs >= STEADY_MS) this.#failures = 0;
    while (this.#isOpen) {
      const delayMs = restartDelay(this.#failures++, Math.random());
      this.#waitingSince = thisMoment();
      this.#host.tell(this.plan.tag, {type: 'delayed', delayMs});
      await sleep(delayMs, undefined, {signal}).catch(() => {});
      this.#waitingSince = undefined;
      if (!this.#isOpen) return;
      this.#restarts++;
      if (await this.#replace(signal)) return;
    }
  }

  /** @returns true when a new worker serves */
  async #replace(signal: AbortSignal): Promise<boolean> {
    try {
      await this.start();
      const because = (await this.ready(signal)) ?? (await this.#worker!.open());
      if (because === undefined) {
        if (this.#notice) this.#worker!.leave(this.#notice.reply);
        return true;
      }
      if (this.#worker!.ending === undefined)
        this.#host.tell(this.plan.tag, {type: 'not-ready', because, output: this.#worker!.output});
    } catch (error) {
      // Leaving is no failure; a start that fails (no process, no directory) is one that is tried again.
      if (signal.aborted) return false;
      this.#host.tell(this.plan.tag, {
        type: 'not-ready',
        because: `could not start: ${(error as Error).message}`,
        output: [],
      });
    }
    if (this.#worker?.ending === undefined) await this.#worker?.stop();
    return false;
  }
}
